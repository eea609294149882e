"""`tinyrig bench sparse`: the figures it stands for, and where dense is as fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from tinyrig.generator.errors import InputError
from tinyrig.suite.cli.app import application
from tinyrig.suite.report.sparse_picture import sparse_picture
from tinyrig.suite.report.sparse_table import break_even
from tinyrig.suite.studies.sparsity.bench import Density


def _at(density: float, sparse: int, dense: int) -> Density:
    return Density("4", density, 1000, 100, sparse, dense, 1, 1, "kernel")


def test_the_break_even_lies_between_neighbours() -> None:
    rows = [_at(0.2, 50, 100), _at(0.6, 90, 100), _at(0.8, 120, 100)]
    assert break_even(rows) == pytest.approx(0.6 + 0.2 * 10 / 30)
    assert break_even(rows[:2]) is None
    assert break_even([_at(0.5, 100, 100), _at(1.0, 101, 100)]) == pytest.approx(0.5)


def test_a_picture_of_forms_with_their_break_even() -> None:
    rows = [_at(0.2, 50, 100), _at(0.8, 120, 100)]
    rows.append(replace(rows[0], form="2x4", peer_cycles=190))
    picture = sparse_picture({"one<board": rows})
    root = ElementTree.fromstring(picture)
    tags = Counter(element.tag.split("}")[1] for element in root.iter())
    assert (tags["polyline"], tags["circle"]) == (2, 1)
    assert "blocks of 4 meet dense at 0.63, blocks of 2x4 meet dense at no density" in picture
    assert "one&lt;board" in picture
    circle = next(element for element in root.iter() if element.tag.endswith("circle"))
    level = next(e for e in root.iter() if e.get("class") == "dense")
    assert float(circle.attrib["cy"]) == pytest.approx(float(level.attrib["y1"]), abs=0.01)


_TARGETS = [
    ("stm32f427", "4", {"0.3": 2.1, "0.5": 1.4}, "1.25"),
    ("stm32f427", "2x4", {"0.3": 2.5}, "1.13"),
    # 0.283 cycles a multiplication, of a dense layer's 0.528.
    ("stm32h743", "2", {"0.3": 1.87}, "1.50"),
    ("stm32h743", "2x4", {"0.3": 2.2}, "1.13"),
]


@pytest.mark.parametrize(("board", "blocks", "least", "bytes_each"), _TARGETS)
def test_sparse_weights_are_as_fast_as_is_aimed_at(
    board: str, blocks: str, least: Mapping[str, float], bytes_each: str
) -> None:
    words = ["bench", "sparse", "--board", board, "--blocks", blocks]
    words += [word for density in least for word in ("--density", density)]
    done = CliRunner().invoke(application(), words, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "as many in every row" in done.output
    lines = [line.replace("┃", "│").split("│") for line in done.output.splitlines()]
    rows = [[cell.strip() for cell in line] for line in lines]
    head = next(row for row in rows if "density" in row)
    for density, times in least.items():
        (row,) = (row for row in rows if row[1:3] == [blocks, density])
        faster, a_weight = (row[head.index(name)] for name in ("faster", "a weight"))
        assert float(faster.removesuffix("x")) >= times
        assert a_weight == bytes_each


def test_blocks_of_no_form() -> None:
    done = CliRunner().invoke(application(), ["bench", "sparse", "--blocks", "3"])
    assert isinstance(done.exception, InputError)
