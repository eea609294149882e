"""The table `tinyrig agree` prints: lanes across, models down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.records.energy import milliseconds_at
from tinyrig.suite.report.time_words import three_digits
from tinyrig.suite.studies.agree import Cell, Row, Status

_STYLES = {
    Status.SAME: "green",
    Status.DIFFERS: "bold red",
    Status.BROKE: "bold red",
    Status.SKIPPED: "dim",
}


def agree_table(rows: Sequence[Row], board: str, clock_mhz: float | None) -> RenderableType:
    """Return the table and, below it, every reason once; milliseconds are at a clock."""
    table = Table(title=f"Lanes on {board}: answers, instructions of one inference")
    table.add_column("model")
    for cell in rows[0].cells:
        table.add_column(cell.lane, justify="right")
    timed = any(row.timed for row in rows)
    for name in ("cycles", "ms") if timed else ():
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for row in rows:
        good = row.agrees
        verdict = Text("agree" if good else "DISAGREE", style="green" if good else "bold red")
        table.add_row(
            Text(row.model),
            *map(_words, row.cells),
            *(_time(row, clock_mhz) if timed else ()),
            verdict,
        )
    notes = [*(_clock(rows, clock_mhz) if timed else ()), *_notes(rows)]
    return Group(table, *map(Text, notes))


def _time(row: Row, clock_mhz: float | None) -> tuple[str, str]:
    """Return the cycles of the first lane that has some, and their milliseconds."""
    cell = row.timed
    if cell is None or cell.cycles is None:
        return "-", "-"
    time = "-" if clock_mhz is None else three_digits(milliseconds_at(clock_mhz, cell.cycles))
    return f"{cell.cycles:,}", time


def _clock(rows: Sequence[Row], clock_mhz: float | None) -> Iterator[str]:
    """Yield what the cycles are, by how much they are off, and the clock of the milliseconds."""
    cell = next(row.timed for row in rows if row.timed)
    words = "counted by the lane"
    if cell.error_percent is not None:
        words = f"modelled at zero wait states, +-{cell.error_percent:g} %"
    clock = "" if clock_mhz is None else f"; ms at {clock_mhz:g} MHz"
    yield f"Cycles of {cell.lane}, {words}{clock}."


def _words(cell: Cell) -> Text:
    words = cell.status.value
    if cell.instructions is not None:
        words += f" {cell.instructions:,}"
    return Text(words, style=_STYLES[cell.status])


def _notes(rows: Sequence[Row]) -> list[str]:
    notes: dict[str, None] = {}
    for row in rows:
        for cell in row.cells:
            if cell.status is Status.SKIPPED:
                notes[f"{cell.lane} skipped: {cell.reason}"] = None
            elif cell.reason:
                notes[f"{row.model} on {cell.lane}: {cell.reason}"] = None
        if not row.counts_agree:
            notes[f"{row.model}: the lanes count differently for one ELF."] = None
    return list(notes)
