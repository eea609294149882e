"""Folders take another's place whole, whatever happens meanwhile."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tinyrig.generator.errors import InputError
from tinyrig.suite.files import folders
from tinyrig.suite.files.folders import check_replaceable, write_folder

_REPOSITORY = Path(__file__).parents[2]
_WRITER = """
import sys
from pathlib import Path
from tinyrig.suite.files.folders import write_folder

for number in range(100_000):
    content = str(number).encode()
    write_folder(Path(sys.argv[1]), {"mark": content, "deep/er/file": content})
"""


def _content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_replaces_another_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr(folders, "_exchange", lambda *_: False)
    out = tmp_path / "out"
    for files in ({"a": b"1", "b/c": b"2"}, {"a": b"3"}):
        write_folder(out, files)
        assert _content(out) == files
        assert list(tmp_path.iterdir()) == [out]


def test_a_kill_leaves_one_whole_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_folder(out, {"mark": b"0", "deep/er/file": b"0"})
    for _ in range(5):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(out)], cwd=_REPOSITORY)
        until = time.monotonic() + 0.7
        while time.monotonic() < until:
            assert (out / "mark").is_file()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        found = _content(out)
        assert found.keys() == {"mark", "deep/er/file"}
        assert len(set(found.values())) == 1
    assert found["mark"] != b"0"


def test_only_an_own_an_empty_or_a_new_folder_is_replaceable(tmp_path: Path) -> None:
    check_replaceable(tmp_path, "mark")
    (tmp_path / "other").write_text("")
    with pytest.raises(InputError, match="did not write"):
        check_replaceable(tmp_path, "mark")
    with pytest.raises(InputError, match="not a folder"):
        check_replaceable(tmp_path / "other", "mark")
    with pytest.raises(InputError, match="does not exist"):
        check_replaceable(tmp_path / "no" / "folder", "mark")
    (tmp_path / "mark").write_text("")
    check_replaceable(tmp_path, "mark")
