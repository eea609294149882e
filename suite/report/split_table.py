"""Cycles by cause: as a table, and as stacks of a flamegraph."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.records.cycle_split import MEANING, PARTS, CycleSplit, Part, total_split
from tinyrig.suite.records.energy import milliseconds_at
from tinyrig.suite.records.record import Record
from tinyrig.suite.report.flame import Stack
from tinyrig.suite.report.time_words import three_digits
from tinyrig.suite.studies.splitting import SplitCycles

Row = tuple[str, int, CycleSplit]
"""A layer's name, its cycles, and where they went."""


def split_table(found: SplitCycles) -> RenderableType:
    """Return the layers with their cycles by cause, and what each cause means."""
    band = "" if found.error_percent is None else f" +-{found.error_percent:g} %"
    time = three_digits(milliseconds_at(found.clock_mhz, found.cycles))
    cores = found.layers[0].split.cores
    heading = Text(
        f"{found.case} on {found.board}: {found.cycles:,} cycles{band} in layers, {time} ms at "
        f"{found.clock_mhz:g} MHz ({found.model}; {cores} cores, checked build)"
    )
    table = layers_table(case_splits(found))
    return Group(heading, table, *(Text(f"{name}: {MEANING[name]}") for name in PARTS))


def case_splits(found: SplitCycles) -> list[Row]:
    """Return the layers of a case whose cycles were split."""
    return [(one.name, one.cycles, one.split) for one in found.layers]


def record_splits(record: Record) -> list[Row]:
    """Return the layers of a record whose cycles were split."""
    return [
        (layer.name, layer.split.cycles, layer.split)
        for layer in record.layers
        if layer.split is not None
    ]


def layers_table(rows: Sequence[Row]) -> Table:
    """Return a line a layer, one of all together and one of their shares."""
    table = Table(title="Cycles of a core on average, by cause", title_justify="left")
    table.add_column("layer", overflow="fold")
    for name in ("cycles", *PARTS):
        table.add_column(name, justify="right")
    sums = total_split([split for _, _, split in rows])
    whole: Row = ("all layers", sum(cycles for _, cycles, _ in rows), sums)
    for name, cycles, split in (*rows, whole):
        parts = part_cycles(split).values()
        table.add_row(Text(name), f"{cycles:,}", *(f"{value:,}" for value in parts))
    shares = (sums.mean(name) / whole[1] if whole[1] else 0.0 for name in PARTS)
    table.add_row("share", "", *(f"{share:.1%}" for share in shares))
    return table


def part_cycles(split: CycleSplit) -> dict[Part, int]:
    """Return whole cycles of the average core that add up to the layer's."""
    found = {name: round(split.mean(name)) for name in PARTS}
    found["other"] += split.cycles - sum(found.values())
    return found


def split_stacks(model: str, rows: Sequence[Row]) -> dict[Stack, int]:
    """Return the cycles of the average core under model, layer and cause."""
    return {
        (model, layer, name): cycles
        for layer, _, split in rows
        for name, cycles in part_cycles(split).items()
        if cycles > 0
    }
