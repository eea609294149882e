"""Every kind of entry in the cache, damaged in every way: the same answer, one warning, healed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bench.tiny import TINY
from files.damage import DAMAGES

from tinyrig.suite.backends import counter
from tinyrig.suite.bench.measure import Measured, measure_job
from tinyrig.suite.files.store import Store
from tinyrig.suite.models import case

KINDS = {
    "elf": ".elf",
    "obj": ".o",
    "host": ".so",
    "cycles": ".json",
    "zoo": ".qdq",
    "answers": ".json",
}
# What a file may be replaced by, one for each kind.
_REPLACED = ("a folder", "a link", "a dangling link", "its folder a link", "a pipe")
_FOREIGN = [name for name in DAMAGES if name == "of another user"]


def _damage(kind: str, way: str) -> str:
    replaced = (*_REPLACED, *_FOREIGN)
    return replaced[list(KINDS).index(kind) % len(replaced)] if way == "replaced" else way


def _measure() -> Measured:
    """Measure as a new process does, which remembers nothing."""
    case._zoo_graph.cache_clear()
    counter.hook_library.cache_clear()
    return measure_job(TINY)


def _entries(root: Path, kind: str) -> list[Path]:
    return sorted((root / "store" / kind).glob(f"*/*{KINDS[kind]}"))


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Measured]:
    """A cache of one small job, and what the job gave."""
    root = tmp_path_factory.mktemp("warm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYRIG_CACHE", str(root))
        return root, _measure()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "way", ["truncated", "a bit flipped", "emptied", "another entry's file", "replaced"]
)
def test_the_answer_stays_right(
    warm: tuple[Path, Measured],
    kind: str,
    way: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    root = tmp_path / "cache"
    shutil.copytree(warm[0], root)
    monkeypatch.setenv("TINYRIG_CACHE", str(root))
    if kind != "answers":
        shutil.rmtree(root / "store" / "answers")
    if kind == "obj":
        shutil.rmtree(root / "store" / "elf")
    entry, other = _entries(root, kind)[0], _entries(root, "obj")[-1]
    DAMAGES[_damage(kind, way)](entry, other)

    found = _measure()

    (warning,) = caplog.messages
    assert "is made anew" in warning
    changing = {"started": "", "seconds": 0.0}
    wanted = warm[1]
    assert found.record.model_copy(update=changing) == wanted.record.model_copy(update=changing)
    assert (found.clean, found.checked) == (wanted.clean, wanted.checked)
    assert found.evidence == wanted.evidence
    assert entry.is_file() and not entry.is_symlink()
    for name, suffix in KINDS.items():
        for path in _entries(root, name):
            assert Store(name, suffix).load(path.stem) is not None
    assert len(caplog.messages) == 1
