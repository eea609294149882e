"""Result folders under two writers, kills, a full disk, damage and newer schemas."""

from __future__ import annotations

import fcntl
import json
import os
import random
import resource
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from bench.tiny import TINY, measured

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.folder import Result, drop_result, results
from tinyrig.suite.bench.job import Job


def _check_whole(result: Result) -> None:
    """Everything of a result can be read, and belongs together."""
    assert result.record.instructions
    assert result.evidence.job.name == result.name
    for checked in (False, True):
        assert result.image(checked=checked).symbols


def _forked(job: Callable[[], int]) -> int:
    """Start a child that ends with a job's exit code; return its process id."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = job()
        finally:
            os._exit(code)
    return pid


def _write_for_ever(folder: Path, board: str) -> int:
    """Save a board's figures under a name of their own and one of all writers, again and again."""
    found = measured(board)
    jobs = [TINY.model_copy(update={"model": name}) for name in (board, "both")]
    while True:
        for job in jobs:
            evidence = found.evidence.model_copy(update={"job": job})
            replace(found, evidence=evidence).save(folder)


def test_kills_of_two_writers_leave_whole_jobs_only(tmp_path: Path) -> None:
    draw = random.Random(5)
    boards = ("stm32f427", "stm32h743")
    assert len({measured(board).record.elf_sha256 for board in boards}) == 2
    seen = 0
    for _ in range(20):
        pids = [_forked(lambda b=board: _write_for_ever(tmp_path, b)) for board in boards]
        for pid in pids:
            time.sleep(draw.uniform(0.0, 0.15))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        for result in results(tmp_path):
            _check_whole(result)
            seen += 1
    assert seen >= 20
    measured().save(tmp_path)
    assert TINY.name in {result.name for result in results(tmp_path)}, "no lock survives a kill"


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    measured().save(tmp_path)
    record = tmp_path / TINY.name / "record.json"
    before = record.stat().st_ino
    with ThreadPoolExecutor(1) as pool:
        with (record.parent / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            saving = pool.submit(measured().save, tmp_path)
            time.sleep(0.3)
            assert not saving.done()
            assert record.stat().st_ino == before
        saving.result()
    assert record.stat().st_ino != before


def _check_refused_without_room(folder: Path, limit: int) -> None:
    """Saving in a process that may write no larger file is an InputError that says where."""

    def save_with_limit() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            measured().save(folder)
        except InputError as error:
            return 7 if "Cannot write" in str(error) and "too large" in str(error) else 8
        return 0

    pid = _forked(save_with_limit)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_without_room_the_older_result_stays(tmp_path: Path, share: float) -> None:
    """The limit cuts the ELF, the largest file; in the last case the others are written."""
    found = measured()
    found.save(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / TINY.name).iterdir()}
    _check_refused_without_room(tmp_path, int(share * len(found.checked)))
    after = {path: path.read_bytes() for path in (tmp_path / TINY.name).iterdir()}
    assert after == before
    _check_whole(Result(tmp_path / TINY.name))


def test_without_room_a_new_job_counts_as_not_run(tmp_path: Path) -> None:
    _check_refused_without_room(tmp_path, 1000)
    assert list(results(tmp_path)) == []


def _damaged(folder: Path, name: str, edit: Callable[[bytes], bytes]) -> Result:
    """Save two jobs and damage a file of the first."""
    found = measured()
    other = Job(model="other", board="stm32f427")
    found.save(folder)
    replace(found, evidence=found.evidence.model_copy(update={"job": other})).save(folder)
    path = folder / TINY.name / name
    path.write_bytes(edit(path.read_bytes()))
    bad, good = results(folder)
    _check_whole(good)
    return bad


def _newer(raw: bytes) -> bytes:
    return json.dumps({**json.loads(raw), "schema": 2}).encode()


def _edited(raw: bytes) -> bytes:
    return raw.replace(b'"instructions": ', b'"instructions": -').replace(b'"count":', b'"count":-')


_EDITS: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda raw: raw[: len(raw) // 2],
    "empty": lambda _: b"",
    "newer": _newer,
    "edited": _edited,
}


@pytest.mark.parametrize("how", _EDITS)
@pytest.mark.parametrize("name", ["record.json", "evidence.json"])
def test_a_damaged_document_is_named_and_the_rest_is_readable(
    tmp_path: Path, name: str, how: str
) -> None:
    bad = _damaged(tmp_path, name, _EDITS[how])
    with pytest.raises(InputError, match=name) as caught:
        _check_whole(bad)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("how", ["truncated", "empty"])
def test_a_damaged_elf_is_named(tmp_path: Path, how: str) -> None:
    bad = _damaged(tmp_path, "clean.elf", _EDITS[how])
    with pytest.raises(InputError, match=r"clean\.elf is not the ELF its evidence names"):
        bad.image(checked=False)
    assert bad.image(checked=True).checked


def test_parts_of_two_runs_are_told_apart(tmp_path: Path) -> None:
    found = measured()
    found.save(tmp_path)
    found.record.model_copy(update={"elf_sha256": "0" * 64}).save(
        tmp_path / TINY.name / "record.json"
    )
    (result,) = results(tmp_path)
    with pytest.raises(InputError, match="of another run than the record"):
        _ = result.evidence


def test_a_dropped_job_counts_as_not_run(tmp_path: Path) -> None:
    measured().save(tmp_path)
    drop_result(tmp_path, Job(model="never", board="stm32f427"))
    assert [result.name for result in results(tmp_path)] == [TINY.name]
    drop_result(tmp_path, TINY)
    assert list(results(tmp_path)) == []


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no results folder"):
        list(results(tmp_path / "none"))
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="Cannot write"):
        measured().save(tmp_path / "file")
