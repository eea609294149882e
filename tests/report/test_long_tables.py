"""A long table shows a screen: what went wrong always, the rest by name, all of it if asked."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from records.sample_record import RECORD
from rich.console import Console, RenderableType

from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.outcome import Ended
from tinyrig.suite.report.bench_table import bench_table

MANY = 30


def said(part: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=160, no_color=True)
    console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def ended(tmp_path: Path) -> list[Ended]:
    """The last one by name failed."""
    found = []
    for at in range(MANY):
        job = Job(model=f"m{at:02}", board="stm32f427")
        (tmp_path / job.name).mkdir()
        (tmp_path / job.name / "record.json").write_text(RECORD.to_json(), encoding="utf-8")
        found.append(Ended(job, 0, "", booted=True, seconds=1.0))
    failed = Job(model="z", board="stm32f427")
    return [*found, Ended(failed, 4, "It hung.", booted=True, seconds=1.0)]


def test_a_long_matrix_shows_what_failed(tmp_path: Path, ended: list[Ended]) -> None:
    text = said(bench_table(tmp_path, ended, 5))
    shown = [f"m{at:02}" for at in range(MANY) if f"m{at:02}" in text]
    assert shown == ["m00", "m01", "m02", "m03"]
    assert "z" in text and "failed" in text and "It hung." in text
    assert "26 more jobs that match: --all shows them." in text


def test_all_of_it_if_asked(tmp_path: Path, ended: list[Ended]) -> None:
    text = said(bench_table(tmp_path, ended, None))
    assert all(f"m{at:02}" in text for at in range(MANY))
    assert "--all" not in text
