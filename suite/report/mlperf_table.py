"""The tables `tinyrig bench mlperf` prints: ours modelled, theirs measured, never in one column."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.records.record import Column
from tinyrig.suite.report.time_words import time_cells
from tinyrig.suite.studies.mlperf.measure import Row
from tinyrig.suite.studies.mlperf.published import Published

_WORDS: dict[Column, str] = {"modelled": "0 wait states", "modelled, board": "board's memory"}
NOTE = (
    "Ours are modelled, of the same layers with seeded weights, each column of the plan made for "
    "it. Theirs were measured on silicon, of trained networks, and include the waits for flash: "
    "hold them against the board's memory, not against 0 wait states. Ratios are theirs to ours: "
    "above 1, ours has fewer cycles; within the band of the model, neither. Milliseconds are of "
    "the board's memory at its clock; microjoules are modelled, power by that time "
    "(docs/energy.md)."
)


def mlperf_table(rows: Sequence[Row]) -> RenderableType:
    """Return one board's rows and what differs between the figures."""
    table = Table(title=_title(rows[0]), title_justify="left")
    for name in ("network", *_WORDS.values(), "ms", "uJ", "arena", "flash"):
        table.add_column(name, justify="left" if name == "network" else "right")
    for name in ("chip", "engine", "version"):
        table.add_column(name, overflow="fold")
    for name in ("measured", "to 0 ws", "to board"):
        table.add_column(name, justify="right")
    sources: list[str] = []
    for row in rows:
        for index, figure in enumerate(row.published or (None,)):
            cells = _ours(row) if index == 0 else [""] * 7
            table.add_row(*cells, *_theirs(row, figure))
        sources += [_source(figure) for figure in row.published]
    return Group(table, *map(Text, dict.fromkeys(sources)))


def _title(row: Row) -> str:
    parts = []
    for column, words in _WORDS.items():
        found = row.cycles(column)
        if found is not None:
            band = "" if found.error_percent is None else f" +-{found.error_percent:g} %"
            parts.append(f"{words}: {found.model}{band}")
    compiler = f"{row.record.toolchain.name} {row.record.toolchain.version}"
    return f"{row.board.full_name}, ours modelled, {'; '.join(parts)}; compiled by {compiler}"


def _ours(row: Row) -> list[str]:
    found = [row.cycles(column) for column in _WORDS]
    memory = row.record.memory
    return [
        row.network if _right(row) else f"{row.network} MISMATCH",
        *("-" if cycles is None else f"{cycles.value:,}" for cycles in found),
        *time_cells(row.record),
        f"{memory.arena:,}",
        f"{memory.flash + memory.external_flash:,}",
    ]


def _right(row: Row) -> bool:
    records = filter(None, (row.record, row.unwaited))
    return all(record.check.verdict == "match" for record in records)


def _theirs(row: Row, figure: Published | None) -> list[str]:
    if figure is None:
        return ["-"] * 6
    ratios = []
    for column in _WORDS:
        ours = row.cycles(column)
        ratios.append("-" if ours is None else f"{figure.cycles / ours.value:.2f}x")
    chip = f"{figure.chip} {figure.clock_mhz} MHz"
    return [chip, figure.engine, figure.version, f"{figure.cycles:,}", *ratios]


def _source(figure: Published) -> str:
    return f"  {figure.engine} {figure.version}: {figure.source}, {figure.chip}, {figure.flash}"
