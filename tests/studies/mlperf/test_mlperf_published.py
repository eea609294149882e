"""MLPerf Tiny's published figures, and the table that sets ours beside them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cli.command import check_refusal, tinyrig
from records.sample_record import RECORD
from rich.console import Console

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.models import load_zoo
from tinyrig.suite.records.record import Cycles
from tinyrig.suite.report.mlperf_table import mlperf_table
from tinyrig.suite.studies.mlperf import published
from tinyrig.suite.studies.mlperf.measure import Row


def test_every_figure_is_of_a_network_and_stands_beside_a_board() -> None:
    for figure in published.published():
        assert load_zoo(figure.network).macs > 0
        assert load_board(figure.beside).full_name == figure.beside
        assert 0.9 < figure.cycles / load_zoo(figure.network).macs < 6
    keys = [(f.network, f.chip, f.engine) for f in published.published()]
    assert len(set(keys)) == len(keys)
    assert len(published.networks()) == 4


def _lines(board: str, *figures: published.Published) -> Iterator[list[str]]:
    cycles = (
        Cycles(source="modelled", model="m4", value=400_000, error_percent=5, memory="0ws"),
        Cycles(source="modelled", model="m4 + b", value=500_000, error_percent=10, memory="board"),
    )
    record = RECORD.model_copy(update={"cycles": cycles})
    console = Console(width=240)
    with console.capture() as printed:
        console.print(mlperf_table([Row("mlperf-ad", load_board(board), record, figures)]))
    for line in printed.get().splitlines():
        yield [cell.strip() for cell in line.split("│")[1:-1]]


def test_ratios_are_theirs_to_ours_in_columns_of_their_own() -> None:
    st = next(f for f in published.published() if f.network == "mlperf-ad")
    (row,) = [cells for cells in _lines("stm32l4r5", st) if cells and cells[0] == "mlperf-ad"]
    assert row[1:3] == ["400,000", "500,000"]
    assert row[-3:] == ["575,000", "1.44x", "1.15x"]


def test_a_board_nobody_published_shows_ours_alone() -> None:
    (row,) = [cells for cells in _lines("stm32f427") if cells and cells[0] == "mlperf-ad"]
    assert row[1:3] == ["400,000", "500,000"]
    assert row[-6:] == ["-"] * 6


def test_the_command_proves_and_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    said = tinyrig("bench", "mlperf", "--network", "mlperf-ad", "--board", "stm32l4r5")
    assert said.code == 0, said.err
    assert "stm32l4r5:single-bank" in said.out
    assert "575,000" in said.out
    assert "1,030,000" not in said.out, "measured with two banks"
    check_refusal(tinyrig("bench", "mlperf", "--network", "resnet"), 2, "mlperf-ic")
