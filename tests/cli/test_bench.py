"""`tinyrig bench kernels` prints modelled cycles against targets, and needs right answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cli.app import execute
from tinyrig.suite.studies.kernels import graphs, rows
from tinyrig.suite.studies.kernels.bench import Measured, measure
from tinyrig.suite.studies.kernels.rows import Row
from tinyrig.suite.toolchain.toolchain import load_toolchain


def _measure(rows: list[Row]) -> list[Measured]:
    return list(measure(rows, load_board("stm32f427"), backend("embedded"), load_toolchain("zig")))


def test_a_row_is_measured_against_its_target_and_its_padded_row() -> None:
    def make() -> graphs.Graph:
        return graphs.linear(3, 16, 4)

    loose = Row("loose", make, "MAC", 192, {"cortex-m4": 1000.0})
    tight = Row("tight", make, "MAC", 192, {"cortex-m4": 100.0}, whole=True)
    same = Row("same", make, "MAC", 192, {}, padded="loose")
    free = Row("free", make, "MAC", 192, {"cortex-m7": 1.0})
    found = _measure([loose, tight, same, free])
    assert [one.met for one in found] == [True, False, True, None]
    assert found[0].each == found[0].cycles.total / 192
    assert found[0].milliseconds == pytest.approx(found[0].cycles.total / 180e3)
    assert found[2].target == pytest.approx(1.1 * found[0].cycles.total)


def test_only_the_functions_a_row_names_count() -> None:
    def make() -> graphs.Graph:
        return graphs.linear(3, 16, 4)

    whole = Row("whole", make, "MAC", 192, {})
    (found,) = _measure([whole])
    inside = {name: count for name, count in found.cycles.by_function().items() if "linear" in name}
    (part,) = _measure([replace(whole, functions=tuple(inside))])
    assert 0 < part.total == sum(inside.values()) < found.total
    with pytest.raises(BrokenRunError, match="tr_nothing was not executed"):
        _measure([replace(whole, functions=("tr_nothing",))])


def test_the_table_names_model_band_and_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["bench", "kernels", "--board", "stm32f427", "--only", "unary"]) == 0
    printed = capsys.readouterr().out
    assert "modelled" in printed and "cortex-m4" in printed and "+-5 %" in printed
    assert "ms at 180 MHz" in " ".join(printed.split())
    assert "unary 81x128" in printed and "missed" in printed


@pytest.mark.parametrize("other", [("--fit",), ("--kernel", "tr_add_s8__m7"), ("--only", "add")])
def test_code_is_measured_of_every_kernel_alone(
    other: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["bench", "kernels", "--code", *other]) == 2
    assert "--code measures every kernel" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("name", ["maxpool", "depthwise 3x3 32", "conv 1-D", "layernorm 81x32"])
def test_rows_run_and_answer_right(name: str) -> None:
    (row,) = [row for row in rows.rows() if row.name.startswith(name)]
    (measured,) = _measure([row])
    assert measured.cycles.total > row.work
