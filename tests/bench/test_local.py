"""Jobs on processes: all of them end, whatever becomes of one."""

from __future__ import annotations

import fcntl
import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest
from bench.tiny import TINY

from tinyrig.suite.bench.folder import results
from tinyrig.suite.bench.local import run_local
from tinyrig.suite.bench.outcome import Ended, attempt, exit_code, failed, keep

_ENDLESS = TINY.model_copy(update={"board": "stm32f746"})


@contextmanager
def _endless(folder: Path) -> Iterator[BinaryIO]:
    """While the body runs and what is yielded is locked, who writes the endless job waits."""
    target = folder / _ENDLESS.name
    target.mkdir()
    with (target / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _kill_all_and_unlock(lock: BinaryIO) -> None:
    for child in multiprocessing.active_children():
        child.kill()
    fcntl.flock(lock, fcntl.LOCK_UN)


def test_a_bad_job_does_not_lose_the_others(tmp_path: Path) -> None:
    bad = TINY.model_copy(update={"board": "esp32"})
    unfit = TINY.model_copy(update={"dims": {"S": 512, "E": 512, "P": 64, "H": 8}})
    ends = {end.job.name: end for end in run_local([bad, unfit, TINY], tmp_path, 2)}
    assert {name: end.code for name, end in ends.items()} == {
        bad.name: 2,
        unfit.name: 3,
        TINY.name: 0,
    }
    assert "esp32" in ends[bad.name].message
    assert "too many" in ends[unfit.name].message
    assert [result.name for result in results(tmp_path)] == [TINY.name]
    assert multiprocessing.active_children() == []


def test_a_process_that_dies_loses_its_own_job_only(tmp_path: Path) -> None:
    jobs = [_ENDLESS, TINY, TINY.model_copy(update={"board": "stm32h743"})]
    with _endless(tmp_path) as lock:
        timer = threading.Timer(1.0, _kill_all_and_unlock, [lock])
        timer.start()
        ends = list(run_local(jobs, tmp_path, 1))
        timer.join()
    (dead,) = (end for end in ends if end.code)
    assert (dead.job, dead.code) == (_ENDLESS, 4)
    assert dead.message == f"The process that ran the job ended by signal {signal.SIGKILL.value}."
    assert len(list(results(tmp_path))) == 2


def test_closing_ends_every_process(tmp_path: Path) -> None:
    with _endless(tmp_path), closing(run_local([_ENDLESS, TINY], tmp_path, 2)) as running:
        assert next(running).job == TINY
        assert multiprocessing.active_children()
        running.close()
        assert multiprocessing.active_children() == []


def test_a_job_that_fails_now_loses_its_older_result(tmp_path: Path) -> None:
    assert keep(attempt(TINY), tmp_path).code == 0
    assert keep(failed(TINY, "not installed", 5), tmp_path).skipped
    assert len(list(results(tmp_path))) == 1
    assert keep(failed(TINY, "broken", 4), tmp_path).code == 4
    assert list(results(tmp_path)) == []


@pytest.mark.parametrize(
    ("codes", "whole"),
    [
        ([0, 0], 0),
        ([0, 5], 0),
        ([5, 5], 5),
        ([0, 4, 1, 3], 1),
        ([2, 3, 4], 4),
        ([2, 3], 3),
        ([0, 2, 5], 2),
    ],
)
def test_the_worst_job_gives_the_exit_code(codes: list[int], whole: int) -> None:
    assert exit_code([Ended(TINY, code, "", booted=True, seconds=0) for code in codes]) == whole
