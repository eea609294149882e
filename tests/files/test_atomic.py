"""Files are written whole or not at all: kill -9, a full disk, a folder that is not there."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.atomic import check_writable, write_atomic

_REPOSITORY = Path(__file__).parents[2]
_SIZE = 3_000_000
_WRITER = f"""
import sys
from pathlib import Path
from tinyrig.suite.files.atomic import write_atomic
path = Path(sys.argv[1])
while True:
    for byte in (b"a", b"b"):
        write_atomic(path, byte * {_SIZE})
"""
_LIMITED = """
import resource, signal, sys
from pathlib import Path
from tinyrig.generator.errors import InputError
from tinyrig.suite.files.atomic import write_atomic
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomic(Path(sys.argv[1]), b"x" * 100_000)
except InputError as error:
    print(error)
"""


def _python(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        env={**os.environ, "PYTHONPATH": str(_REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_killed_writers_leave_a_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    for round_ in range(6):
        writer = _python(_WRITER, target)
        deadline = time.monotonic() + 20
        while not target.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05 + 0.013 * round_)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        content = target.read_bytes()
        assert len(content) == _SIZE
        assert content.count(content[:1]) == _SIZE, "two writes are mixed"


def test_full_disk(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    out, _ = _python(_LIMITED, target).communicate(timeout=60)
    assert out.startswith(f"Cannot write {target}: ")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


def test_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "file", b"new")
    assert list(tmp_path.iterdir()) == []


def test_replaces_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    for content in (b"first", b"", b"second"):
        write_atomic(target, content)
        assert target.read_bytes() == content
    assert target.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("name", ["none/file", "file/below", "folder"])
def test_unwritable(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for attempt in (lambda path: write_atomic(path, b"x"), check_writable):
        with pytest.raises(InputError, match="Cannot write"):
            attempt(tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == before


def test_check_writable_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "file")
    (tmp_path / "old").write_bytes(b"old")
    check_writable(None, tmp_path / "old")
    with pytest.raises(InputError, match="its folder does not exist"):
        check_writable(tmp_path / "file", None, tmp_path / "nowhere" / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
