"""The table `tinyrig bench sparse` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.models.masks import Kind
from tinyrig.suite.records.energy import milliseconds_at
from tinyrig.suite.report.time_words import three_digits
from tinyrig.suite.studies.sparsity.bench import Density

_KEPT: Mapping[Kind, str] = {"balanced": "as many in every row", "magnitude": "the largest"}
_COLUMNS = (
    *("blocks", "density", "sparse", "dense", "ms", "dense ms", "faster", "sparse bytes"),
    "a weight",
)


def sparse_table(board: str, rows: Sequence[Density]) -> RenderableType:
    """Return one board's densities: cycles a dense MAC, bytes a weight, and the break-even."""
    shape = "x".join(map(str, rows[0].shape))
    kept = _KEPT[rows[0].kind]
    title = f"{board}: a linear layer of {shape} by the density of its blocks, {kept}"
    table = Table(title=title, title_justify="left")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    against = any(row.peer_cycles for row in rows)
    if against:
        table.add_column("against CMSIS-NN dense", justify="right")
    table.add_column("planned", overflow="fold")
    for row in rows:
        beside = f"{(row.peer_cycles or 0) / row.sparse_cycles:.2f}x"
        table.add_row(
            row.form,
            f"{row.density:g}",
            f"{row.sparse_cycles / row.macs:.3f} a MAC",
            f"{row.dense_cycles / row.macs:.3f} a MAC",
            _ms(row, row.sparse_cycles),
            _ms(row, row.dense_cycles),
            Text(f"{row.faster:.2f}x", "green" if row.faster > 1 else "red"),
            f"{row.sparse_bytes:,}",
            f"{row.sparse_bytes / max(1, row.weights):.2f}",
            *([beside] if against else []),
            row.planned,
        )
    return Group(table, *map(Text, (*_time(rows[0]), *_evens(rows))))


def _ms(row: Density, cycles: int) -> str:
    return "-" if row.clock_mhz is None else three_digits(milliseconds_at(row.clock_mhz, cycles))


def _time(row: Density) -> Iterator[str]:
    """Yield what the cycles are off by and what clock the milliseconds are of."""
    if row.clock_mhz is not None:
        band = "" if row.error_percent is None else f", +-{row.error_percent:g} % as the cycles"
        yield f"ms at {row.clock_mhz:g} MHz{band}."


def _evens(rows: Sequence[Density]) -> Iterator[str]:
    for form, found in groupby(rows, lambda row: row.form):
        even = break_even(list(found))
        words = (
            "dense is faster at none of these"
            if even is None
            else f"dense is faster above {even:.2f}"
        )
        yield f"Blocks of {form}, by density: {words}."


def break_even(rows: Sequence[Density]) -> float | None:
    """Return the density at which both are as fast, on a line between neighbours, or None."""
    for one, other in pairwise(rows):
        gain, loss = (row.dense_cycles - row.sparse_cycles for row in (one, other))
        if gain >= 0 > loss:
            return one.density + (other.density - one.density) * gain / (gain - loss)
    return None
