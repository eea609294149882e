"""A signal to end in the middle of a run: the emulator it started ends with it."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from backends.firmware_projects import is_gone
from cli.command import PROGRAM

QEMU = """\
#!/bin/sh
case "$1" in
--version) echo "QEMU emulator version 7.2.22" ;;
--help) ;;
*) echo $$ > "$NOTE"; exec sleep 600 ;;
esac
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_running(tmp_path: Path, number: signal.Signals) -> None:
    program, note = tmp_path / "qemu-system-arm", tmp_path / "note"
    program.write_text(QEMU, encoding="utf-8")
    program.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    repository = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [*PROGRAM, "run", "tinyvit-digits", "--board", "netduinoplus2", "--backend", "qemu"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "NOTE": str(note), "PYTHONPATH": repository},
    )
    deadline = time.monotonic() + 100
    while not (note.is_file() and note.read_text().endswith("\n")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(20) == 128 + number
    assert is_gone(int(note.read_text()))
