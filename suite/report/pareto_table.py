"""The frontier of a model as a table and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table

from tinyrig.suite.report.time_words import ms_cell
from tinyrig.suite.studies.pareto.measure import Point

_COLUMNS = (
    "cycles", "predicted_cycles", "arena", "peak_ram", "flash", "flash_weights", "matches", "ways"
)  # fmt: skip


def pareto_table(points: Sequence[Point], title: str) -> RenderableType:
    """Return the points, fastest first."""
    table = Table(title=title, title_justify="left")
    cycles = "cycles, board" if any(one.waits for one in points) else "cycles"
    for name in (cycles, "ms", "predicted", "arena", "peak RAM", "flash", "weights"):
        table.add_column(name, justify="right")
    table.add_column("proven")
    table.add_column("executed")
    for one in points:
        memory = one.record.memory
        off = 100 * (one.predicted / one.cycles - 1)
        numbers = (memory.arena, memory.peak_ram, memory.flash, memory.flash_weights)
        table.add_row(
            f"{one.cycles:,}",
            ms_cell(one.record, one.cycles),
            f"{off:+.1f} %",
            *(f"{number:,}" for number in numbers),
            "match" if one.proven else "wrong",
            one.ways or "as stated",
        )
    return table


def pareto_csv(points: Sequence[Point]) -> str:
    """Return the points as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in points:
        memory = one.record.memory
        writer.writerow(
            [
                one.cycles,
                one.predicted,
                memory.arena,
                memory.peak_ram,
                memory.flash,
                memory.flash_weights,
                one.proven,
                one.ways,
            ]
        )
    return text.getvalue()
