"""A search whose process is killed goes on as if it had not been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from search.small import explored_small

from tinyrig.suite.search.journal import Trial
from tinyrig.suite.search.setting import Effort

_EFFORT = Effort(supernets=1, supernet_steps=20, trials=4, final_steps=1)
_STAGE = b"resources"
"""Stands in the journal from the first trial on."""


def _explored(folder: Path) -> list[Trial]:
    return explored_small(folder, "paper", _EFFORT)


@pytest.mark.night
@pytest.mark.skipif(os.name != "posix", reason="a process is killed by SIGKILL")
def test_trials_after_a_kill_are_those_of_one_run(tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    code = "\n".join(
        [
            "from pathlib import Path",
            "from search.test_killed_search import _explored",
            f"_explored(Path({str(killed)!r}))",
        ]
    )
    tests = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
    journal = killed / "journal.log"
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    try:
        while not (journal.is_file() and _STAGE in journal.read_bytes()):
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    whole = _explored(tmp_path / "whole")
    assert len(whole) > _EFFORT.trials
    assert _explored(killed) == whole
