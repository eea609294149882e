"""`tinyrig bench sparse`: the figures it stands for, and where dense is as fast."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from tinyrig.suite.cli.app import app
from tinyrig.suite.report.sparse_table import break_even
from tinyrig.suite.studies.sparsity.bench import Density


def _at(density: float, sparse: int, dense: int) -> Density:
    return Density(density, 1000, 100, sparse, dense, 1, 1, "kernel")


def test_the_break_even_lies_between_neighbours() -> None:
    rows = [_at(0.2, 50, 100), _at(0.6, 90, 100), _at(0.8, 120, 100)]
    assert break_even(rows) == pytest.approx(0.6 + 0.2 * 10 / 30)
    assert break_even(rows[:2]) is None
    assert break_even([_at(0.5, 100, 100), _at(1.0, 101, 100)]) == pytest.approx(0.5)


@pytest.mark.parametrize(("board", "least"), [("stm32f427", 2.1), ("stm32h743", 2.1)])
def test_sparse_weights_at_a_density_of_three_tenths(board: str, least: float) -> None:
    done = CliRunner().invoke(app, ["bench", "sparse", "--board", board, "--density", "0.3"])
    assert done.exit_code == 0, done.output
    row = next(line for line in done.output.splitlines() if "2." in line and "x" in line)
    faster = float(row.split("x")[0].split()[-1])
    assert faster >= least
    assert "1.27" in row
