"""The table `tinyrig agree` prints: lanes across, models down."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.studies.agree import Cell, Row, Status

_STYLES = {
    Status.SAME: "green",
    Status.DIFFERS: "bold red",
    Status.BROKE: "bold red",
    Status.SKIPPED: "dim",
}


def agree_table(rows: Sequence[Row], board: str) -> RenderableType:
    """Return the table and, below it, every reason once."""
    table = Table(title=f"Lanes on {board}: answers, instructions of one inference")
    table.add_column("model")
    for cell in rows[0].cells:
        table.add_column(cell.lane, justify="right")
    table.add_column("verdict")
    for row in rows:
        good = row.agrees
        verdict = Text("agree" if good else "DISAGREE", style="green" if good else "bold red")
        table.add_row(Text(row.model), *map(_words, row.cells), verdict)
    return Group(table, *map(Text, _notes(rows)))


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
