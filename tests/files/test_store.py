"""The cache: an entry is believed with a proof only, and a bad one is made anew."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from files.damage import DAMAGES

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.root import cache_folder, cache_root
from tinyrig.suite.files.store import Store

_REPOSITORY = Path(__file__).parents[2]
_STORE = Store("kind", ".bin")
_CONTENT = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def entry(root: Path, key: str) -> Path:
    return root / "store" / "kind" / key[:2] / f"{key}.bin"


def refuse() -> bytes:
    raise AssertionError("made although it was kept")


def test_a_value_is_made_once(root: Path) -> None:
    for content in (_CONTENT, b""):
        key = f"{len(content):064}"
        assert _STORE.load(key) is None and _STORE.path(key) is None
        assert _STORE.kept(key, lambda content=content: content) == content
        assert _STORE.kept(key, refuse) == content
        path = _STORE.path(key)
        assert path == entry(root, key)
        assert path.read_bytes()[:-32] == content
    assert Store("other", ".bin").load(key) is None


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_told_and_healed(
    root: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    key, other = "aa" * 32, "ab" * 32
    _STORE.save(key, _CONTENT)
    _STORE.save(other, _CONTENT[::-1])
    DAMAGES[name](entry(root, key), entry(root, other))
    assert _STORE.load(key) is None
    (warning,) = caplog.messages
    assert "made anew" in warning and "\n" not in warning
    assert _STORE.kept(key, lambda: _CONTENT) == _CONTENT
    assert _STORE.kept(key, refuse) == _CONTENT
    assert len(caplog.messages) == 1


def test_a_folder_in_the_way_of_a_new_entry_gives_way(root: Path) -> None:
    key = "aa" * 32
    entry(root, key).mkdir(parents=True)
    _STORE.save(key, _CONTENT)
    assert _STORE.load(key) == _CONTENT


def test_a_link_in_the_cache_leads_nowhere(root: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_bytes(b"precious")
    root.mkdir()
    (root / "store").symlink_to(tmp_path / "precious")
    _STORE.save("aa" * 32, _CONTENT)
    assert _STORE.load("aa" * 32) == _CONTENT
    assert [path.name for path in (tmp_path / "precious").iterdir()] == ["file"]


def test_an_entry_that_cannot_be_used_is_dropped(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _STORE.drop("aa" * 32, "was never there")
    _STORE.save("aa" * 32, _CONTENT)
    _STORE.drop("aa" * 32, "holds no answer")
    assert _STORE.load("aa" * 32) is None
    assert "holds no answer" in caplog.text


def test_permissions_are_those_of_the_umask(root: Path) -> None:
    before = os.umask(0o027)
    try:
        _STORE.save("aa" * 32, _CONTENT)
    finally:
        os.umask(before)
    assert root.stat().st_mode & 0o777 == 0o700
    assert entry(root, "aa" * 32).parent.stat().st_mode & 0o777 == 0o750
    assert entry(root, "aa" * 32).stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("below", ["", "store", "store/kind"])
def test_a_folder_of_another_user_is_not_used(root: Path, below: str) -> None:
    _STORE.save("aa" * 32, _CONTENT)
    os.chown(root / below, 12345, -1)
    for use in (lambda: _STORE.load("aa" * 32), lambda: _STORE.save("aa" * 32, _CONTENT)):
        with pytest.raises(InputError, match="belongs to another user, 12345"):
            use()


def test_an_unwritable_cache_is_named(root: Path) -> None:
    root.write_bytes(b"a file where the folder should be")
    with pytest.raises(InputError, match="Set TINYRIG_CACHE to a writable directory"):
        _STORE.save("aa" * 32, _CONTENT)


_WRITER = """
from tinyrig.suite.files.store import Store
store = Store("kind", ".bin")
while True:
    for byte in (b"a", b"b"):
        store.save("aa" * 32, byte * 3_000_000)
"""


def _write(_: int) -> bool:
    contents = [bytes([byte]) * 200_000 for byte in range(3)]
    for content in contents * 20:
        _STORE.save("aa" * 32, content)
        if _STORE.load("aa" * 32) not in contents:
            return False
    return True


def test_processes_write_the_same_entry(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert all(pool.map(_write, range(2)))
    assert not list(root.rglob(".new-*"))


def test_a_killed_writer_leaves_a_whole_entry(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    for round_ in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER], env={**os.environ, "PYTHONPATH": str(_REPOSITORY)}
        )
        deadline = time.monotonic() + 30
        while not entry(root, "aa" * 32).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05 + 0.013 * round_)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        content = _STORE.load("aa" * 32)
        assert content is not None and content == content[:1] * 3_000_000
    assert not caplog.messages


def test_the_root_follows_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TINYRIG_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_root() == tmp_path / "tinyrig"
    assert cache_folder("a", "b") == tmp_path / "tinyrig" / "a" / "b"
    assert (tmp_path / "tinyrig" / "a" / "b").is_dir()


def test_a_user_without_a_home_has_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TINYRIG_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    # What expanding `~` gives without $HOME and an entry in the list of users.
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: "~/.cache/tinyrig")
    assert cache_root().is_absolute() and cache_root().name == f"tinyrig-{os.geteuid()}"
