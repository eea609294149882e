"""`tinyrig bench`: a whole matrix, interrupted, killed, resumed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.tiny import DIMS, TINY, measured
from cli.command import PROGRAM, check_refusal, tinyrig

from tinyrig.suite.bench.folder import results

_REPOSITORY = Path(__file__).parents[2]
_BOARDS = ("stm32f427", "stm32f746", "stm32h743")


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    dims = ", ".join(f"{name} = {value}" for name, value in DIMS.items())
    group = f'models = ["mhsa"]\nboards = {list(_BOARDS)}\ndims = {{ {dims} }}\n'
    path = tmp_path / "matrix.toml"
    path.write_text(f"[[smoke]]\n{group}[[unknown]]\n{group}backends = ['magic']\n")
    return path


def _words(matrix: Path) -> tuple[str, ...]:
    folder = str(matrix.parent / "out")
    return ("bench", "--matrix-file", str(matrix), "-o", folder, "--jobs", "2")


def _start(matrix: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *_words(matrix)],
        env={**os.environ, "PYTHONPATH": str(_REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _wait_for_main(process: int) -> None:
    """Wait until the command answers signals; before that Python alone does, in its own words."""
    status = Path(f"/proc/{process}/status")
    bit = 1 << (signal.SIGTERM - 1)
    until = time.monotonic() + 60
    while not int(status.read_text().partition("SigCgt:")[2].split()[0], 16) & bit:
        assert time.monotonic() < until
        time.sleep(0.01)


def _members(group: int) -> Iterator[int]:
    """Yield the processes of a group that still run."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            yield int(path.parent.name)


def _check_gone(group: int) -> None:
    """A compiler that was told to end may need a moment for it."""
    until = time.monotonic() + 10
    while (left := list(_members(group))) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []


def _check_all_whole(folder: Path) -> int:
    found = list(results(folder)) if folder.is_dir() else []
    for result in found:
        assert result.record.check.verdict == "match"
        assert result.image(checked=False).sha256 == result.evidence.clean_sha256
        assert result.image(checked=True).checked
    return len(found)


def test_a_matrix_is_measured_then_known(matrix: Path) -> None:
    measured()
    first = tinyrig(*_words(matrix))
    assert first.code == 0, first.err
    assert first.out.count("match") == 3
    assert _check_all_whole(matrix.parent / "out") == 3
    figures = matrix.parent / "figures.csv"
    again = tinyrig(*_words(matrix), "--boards", TINY.board, "--csv", figures)
    head, row = figures.read_text().splitlines()
    assert head.startswith("job,model,")
    assert row.startswith(f"{TINY.name},")
    assert again.code == 0
    assert "1 of 1 jobs measured, 1 of them known from an identical ELF" in again.out


def test_a_job_that_cannot_run_gives_its_code_and_reason(matrix: Path) -> None:
    said = tinyrig(*_words(matrix), "--matrix", "unknown", "--boards", TINY.board)
    assert said.code == 2
    assert "failed" in said.out and "Unknown backend 'magic'" in said.out


def test_an_unknown_matrix_and_an_unusable_folder(matrix: Path) -> None:
    check_refusal(tinyrig(*_words(matrix), "--matrix", "huge"), 2, "no matrix 'huge'")
    (matrix.parent / "out").write_text("")
    check_refusal(tinyrig(*_words(matrix)), 2, "Cannot write into", "out")


@pytest.mark.parametrize("seconds", [0.1, 0.7, 2.5])
def test_an_interrupt_of_the_whole_group_ends_every_process(matrix: Path, seconds: float) -> None:
    """As Ctrl-C on a terminal does it."""
    process = _start(matrix)
    _wait_for_main(process.pid)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    if process.returncode != 0:
        assert process.returncode == 130, err
        assert out == ""
        assert err == "tinyrig: interrupted; nothing was left half-written.\n"
    _check_gone(process.pid)
    _check_all_whole(matrix.parent / "out")


@pytest.mark.night
def test_kills_at_any_instant_then_a_whole_run(matrix: Path) -> None:
    draw = random.Random(3)
    folder = matrix.parent / "out"
    for _ in range(4):
        process = _start(matrix)
        time.sleep(draw.uniform(1.0, 4.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        _check_all_whole(folder)
    assert tinyrig(*_words(matrix)).code == 0
    assert _check_all_whole(folder) == 3


@pytest.mark.night
def test_two_runs_at_once_into_one_folder(matrix: Path) -> None:
    runs = [_start(matrix) for _ in range(2)]
    for run in runs:
        _, err = run.communicate(timeout=120)
        assert run.returncode == 0, err
    assert _check_all_whole(matrix.parent / "out") == 3
