"""Cycles by cause: whole numbers that add up, in the order of the layers, as table and stacks."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from records.sample_record import RECORD
from rich.console import Console

from tinyrig.suite.cli.table_files import tables_of
from tinyrig.suite.records.cycle_split import PARTS, CycleSplit
from tinyrig.suite.report.run_table import run_table
from tinyrig.suite.report.split_table import layers_table, part_cycles, split_stacks, split_table
from tinyrig.suite.studies.splitting import SplitCycles, SplitLayer


def split_of(cycles: int, cores: int, *parts: int) -> CycleSplit:
    """A split with those parts, the rest of the cycles under other."""
    return CycleSplit.of(cores, cycles, dict(zip(PARTS, parts, strict=False)))


DENSE = split_of(1_000, 8, 6_000, 400, 200, 400, 300, 100, 604)
NORM = split_of(50, 8, 100, 0, 0, 20, 30, 0, 250)
ROWS = [("dense", 1_000, DENSE), ("norm", 50, NORM)]


@given(
    st.integers(1, 8), st.lists(st.integers(0, 10_000), min_size=7, max_size=7), st.integers(0, 9)
)
def test_whole_cycles_add_up(cores: int, parts: list[int], more: int) -> None:
    cycles = sum(parts) // cores + more
    split = split_of(cycles, cores, *parts)
    found = part_cycles(split)
    assert sum(found.values()) == cycles
    for name in PARTS[:-1]:
        assert abs(found[name] - split.mean(name)) <= 0.5


def test_the_table_has_every_layer_and_all_of_them() -> None:
    (printed,) = tables_of([layers_table(ROWS)])
    assert printed.columns == ("layer", "cycles", *PARTS)
    dense, norm, whole, share = printed.rows
    assert dense["layer"] == "dense"
    assert (dense["cycles"], dense["compute"], dense["barrier"], dense["other"]) == (
        1000,
        750,
        76,
        -1,
    )
    assert norm["icache"] == 4
    assert (whole["layer"], whole["cycles"], whole["compute"]) == ("all layers", 1050, 762)
    assert share["compute"] == "72.6%"
    for row in (dense, norm, whole):
        assert sum(int(row[name] or 0) for name in PARTS) == row["cycles"]


def test_the_heading_says_what_counted() -> None:
    layers = (SplitLayer("dense", 1_000, DENSE), SplitLayer("norm", 50, NORM))
    found = SplitCycles("m", "b", "GVSoC x 1", 6.0, 100.0, layers)
    console = Console(file=io.StringIO(), width=160, no_color=True)
    console.print(split_table(found))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "m on b: 1,050 cycles +-6 % in layers, 0.0105 ms at 100 MHz (GVSoC x 1; 8 cores" in text
    assert "dma: waits for copies" in text


def test_stacks_are_layers_and_causes() -> None:
    counts = split_stacks("m", ROWS)
    assert counts["m", "dense", "compute"] == 750
    assert ("m", "dense", "other") not in counts
    assert list(counts) == sorted(counts, key=lambda stack: ["dense", "norm"].index(stack[1]))


def test_a_run_shows_them_where_they_are_known() -> None:
    layers = (RECORD.layers[0].model_copy(update={"split": DENSE}), RECORD.layers[1])
    titles = [one.title for one in tables_of([run_table(RECORD)])]
    more = [
        one.title for one in tables_of([run_table(RECORD.model_copy(update={"layers": layers}))])
    ]
    assert more == [*titles, "Cycles of a core on average, by cause"]
