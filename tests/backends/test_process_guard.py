"""A killed rig leaves no emulator and no folder behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from firmware_projects import wait_for

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.process import Ending, run_until
from tinyrig.suite.backends.registry import capabilities

_RIG = """
import tempfile
from pathlib import Path
from tinyrig.suite.backends.process import run_until
with tempfile.TemporaryDirectory(prefix="tinyrig-guard-") as name:
    command = ("sh", "-c", "sleep 300 & echo $! > pid; wait")
    print(name, flush=True)
    run_until(command, Path(name), seconds=300, done=lambda: False)
"""


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_a_killed_rig_leaves_nothing(tmp_path: Path) -> None:
    rig = subprocess.Popen(
        [sys.executable, "-c", _RIG],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        text=True,
    )
    assert rig.stdout is not None
    folder = Path(rig.stdout.readline().strip())
    wait_for(lambda: (folder / "pid").is_file() and (folder / "pid").read_text().strip())
    emulator = int((folder / "pid").read_text())
    assert not gone(emulator)
    rig.send_signal(signal.SIGKILL)
    rig.wait()
    rig.stdout.close()
    wait_for(lambda: gone(emulator))
    wait_for(lambda: not folder.exists())


def test_one_that_ends_keeps_its_folder(tmp_path: Path) -> None:
    finished = run_until(("sh", "-c", "echo said"), tmp_path, seconds=30, done=lambda: False)
    assert (finished.ending, finished.code, finished.messages) == (Ending.EXITED, 0, "said\n")
    assert (tmp_path / "messages.txt").is_file()


@pytest.mark.parametrize("script", ["while :; do :; done", "(while :; do :; done); exit $?"])
def test_processor_time_is_bounded(tmp_path: Path, script: str) -> None:
    command = ("sh", "-c", script)
    finished = run_until(command, tmp_path, seconds=120, done=lambda: False, busy_seconds=1)
    assert finished.ending is Ending.TIMEOUT
    assert finished.code != -signal.SIGKILL  # the clock of the wall had not ended


def test_a_bound_lets_pass_what_ends_in_time(tmp_path: Path) -> None:
    command = ("sh", "-c", "sleep 1.2; exit 3")
    finished = run_until(command, tmp_path, seconds=60, done=lambda: False, busy_seconds=1)
    assert (finished.ending, finished.code) == (Ending.EXITED, 3)


def test_what_cannot_be_executed_is_a_missing_tool(tmp_path: Path) -> None:
    program = tmp_path / "tool"
    program.write_text("no program")
    with pytest.raises(MissingToolError, match="Cannot start"):
        run_until((str(program),), tmp_path, seconds=1, done=lambda: False)


def test_another_board_is_told_which_backend_runs_it() -> None:
    error = capabilities("embedded").no_board(load_board("gap9"))
    assert "--backend gvsoc" in str(error)
