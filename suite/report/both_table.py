"""What a network's zeros are worth, measured: the table `tinyrig sparsity --run` prints."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.records.record import Column, Record
from tinyrig.suite.report.time_words import nearest_ms_cell
from tinyrig.suite.studies.sparsity.both import Both, cycles_of

_COLUMNS = ("weights", "RAM", "flash", "external flash", "cycles", "cycles, board", "ms", "verdict")
_CLOCK: Column = "modelled"
_BOARD: Column = "modelled, board"


def both_table(name: str, both: Both) -> RenderableType:
    """Return both runs' memory and cycles, and how many times faster the sparse one is."""
    title = f"{name} on {both.sparse.board}: sparse beside dense"
    table = Table(title=Text(title), title_justify="left")
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column == "weights" else "right")
    for kind, record in (("sparse", both.sparse), ("dense", both.dense)):
        table.add_row(kind, *_cells(record))
    return Group(table, *map(Text, _words(both)))


def _cells(record: Record) -> Iterator[str]:
    memory = record.memory
    yield f"{memory.peak_ram:,}"
    yield f"{memory.flash:,}"
    yield f"{memory.external_flash:,}"
    for column in (_CLOCK, _BOARD):
        found = cycles_of(record, column)
        yield "-" if found is None else f"{found:,}"
    yield nearest_ms_cell(record)
    yield record.check.verdict


def _words(both: Both) -> Iterator[str]:
    kinds: tuple[tuple[str, Column, Column], ...] = (
        ("at zero wait states", _CLOCK, _CLOCK),
        ("with the board's memory", _BOARD, _BOARD),
        ("with the board's memory than dense at zero wait states", _BOARD, _CLOCK),
    )
    for words, sparse, dense in kinds:
        faster = both.faster(sparse, dense)
        if faster is not None:
            yield f"{faster:.2f} times as fast {words}."
    answers = "The same answers" if both.same else "OTHER ANSWERS"
    yield (
        f"{answers}; weights in flash are {both.streams:,} bytes of sparse streams "
        f"and {both.others:,} of the rest."
    )
