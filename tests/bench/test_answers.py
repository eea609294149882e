"""What an identical firmware answered is not booted again, and only then."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bench.tiny import TINY, measured
from files.shared_cache import share_cache

from tinyrig.suite.backends.embedded import EmbeddedBackend
from tinyrig.suite.bench.measure import measure_job

_REPOSITORY = Path(__file__).parents[2]
_FOLDERS = ("generator", "suite", "kernels", "platforms", "tinyrig")
# Measures a job and prints how often anything was booted.
_COUNT = """
import json, sys
from tinyrig.suite.backends.embedded import EmbeddedBackend
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.files.store import Store
boots, run = [], EmbeddedBackend.run
EmbeddedBackend.run = lambda *given, **named: (boots.append(1), run(*given, **named))[1]
found = measure_job(Job.model_validate_json(sys.argv[1]))
print(json.dumps([len(boots), found.booted, found.record.instructions, found.record.elf_sha256]))
"""


def _measured_in(tree: Path) -> tuple[int, bool, int, str]:
    done = subprocess.run(
        [sys.executable, "-c", _COUNT, TINY.model_dump_json()],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=True,
    )
    boots, booted, instructions, elf = json.loads(done.stdout)
    return boots, booted, instructions, elf


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in _FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_REPOSITORY / name, tmp_path / name, symlinks=True, ignore=ignored)
    return tmp_path


def _edit(path: Path, edit: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(edit(text), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text


@pytest.mark.night
def test_comments_anywhere_boot_nothing(tree: Path) -> None:
    _, _, *before = _measured_in(tree)
    for path in tree.rglob("*"):
        if path.suffix == ".py":
            _edit(path, lambda text: text + "\n# One more word.\n")
        elif path.suffix in (".c", ".h"):
            _edit(path, lambda text: "/* One more\n * word. */\n" + text + "// And one.\n")
    boots, booted, *after = _measured_in(tree)
    assert (boots, booted) == (0, False)
    assert after == before


def test_a_changed_kernel_and_a_changed_model_of_cycles_are_measured(tree: Path) -> None:
    _, _, instructions, elf = _measured_in(tree)
    assert _measured_in(tree)[:2] == (0, False)
    kernel = next(name for name in measured().evidence.kernels if name.endswith("__m4"))
    _edit(
        tree / "kernels" / "src" / "m4" / f"{kernel}.c",
        lambda text: re.sub(rf"({kernel}\([^{{;]*{{\n)", r'\1    __asm__ volatile("nop");\n', text),
    )
    boots, booted, slower, other = _measured_in(tree)
    assert boots == 2 and booted and slower > instructions and other != elf
    assert _measured_in(tree)[:2] == (0, False)
    _edit(tree / "suite" / "cycles" / "m4.py", lambda text: text + "\nMORE = 1\n")
    boots, booted, same, _ = _measured_in(tree)
    assert boots == 2 and booted and same == slower


def test_a_known_answer_gives_the_same_record(monkeypatch: pytest.MonkeyPatch) -> None:
    first = measure_job(TINY)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("booted again")

    monkeypatch.setattr(EmbeddedBackend, "run", never)
    again = measure_job(TINY)
    assert not again.booted
    assert again.evidence == first.evidence
    changing = {"started": "", "seconds": 0.0}
    assert again.record.model_copy(update=changing) == first.record.model_copy(update=changing)


def test_a_damaged_answer_is_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_cache(tmp_path)
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path))
    assert measure_job(TINY).booted
    (kept,) = tmp_path.glob("store/answers/*/*.json")
    kept.write_bytes(kept.read_bytes()[:-100])
    assert measure_job(TINY).booted
    assert not measure_job(TINY).booted
