"""A table on a terminal it does not fit: columns go by rank, names give way, digits never.

What numbers need they keep. Words that are one name are elided near the middle, and there where
names of a column that differ still do; words of a sentence are broken between them.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

_KEPT_LONGEST = (
    *("verdict", "fits", "switch", "board", "published", "ours", "cycles", "ms", "total", "share"),
    *("change", "faster", "peak RAM", "flash", "bytes", "instructions", "arena", "of", "uJ"),
    *("measured", "parameters", "MACs", "figure", "before", "after", "found", "RAM", "core"),
)
"""Columns by rank; of the others, the rightmost goes first."""
_LEAST_TEXT = 12
_CUT = "…"


def fitted(part: RenderableType, width: int) -> RenderableType:
    """Return what is printed, its tables made to fit a width."""
    if isinstance(part, Group):
        return Group(*(fitted(one, width) for one in part.renderables))
    if isinstance(part, Padding):
        inner = copy.copy(part)
        inner.renderable = fitted(part.renderable, width - part.left - part.right)
        return inner
    if not isinstance(part, Table) or not part.show_header:
        return part
    if _natural(part.columns, part) <= width:
        return part
    columns = list(part.columns)
    left_out: list[str] = []
    while len(columns) > 1 and _least(columns, part) > width:
        gone = max(columns[1:], key=_rank)
        columns.remove(gone)
        left_out.append(_words(gone.header))
    table = copy.copy(part)
    table.columns = _shared_out(columns, width - _frame(columns, part))
    if table.min_width is not None and table.min_width > width:
        table.min_width = None
    if not left_out:
        return table
    words = ", ".join(reversed(left_out))
    return Group(table, Text(f"  left out: {words} (a wider terminal, --json or --csv)", "dim"))


def elided(text: str, width: int, front: int | None = None) -> str:
    """Return a name in at most `width` characters, cut after `front` of them or in the middle."""
    if cell_len(text) <= width:
        return text
    front = (width - 1) // 2 if front is None else front
    return f"{text[:front]}{_CUT}{text[len(text) - (width - 1 - front) :]}"


def cut_apart(names: Collection[str], width: int) -> int | None:
    """Return after how many characters to cut so that different names stay so.

    The place nearest the middle that leaves two characters of either end; None if there is none.
    """
    places = sorted(range(2, width - 2), key=lambda front: abs(2 * front - (width - 1)))
    for front in places:
        if len({elided(name, width, front) for name in names}) == len(names):
            return front
    return None


def _rank(column: Column) -> tuple[int, int]:
    name = _words(column.header)
    known = _KEPT_LONGEST.index(name) if name in _KEPT_LONGEST else len(_KEPT_LONGEST)
    return known, column._index


def _is_number(column: Column) -> bool:
    return column.justify == "right"


def _words(part: RenderableType) -> str:
    if isinstance(part, Text):
        return part.plain
    return Text.from_markup(part).plain if isinstance(part, str) else ""


def _whole(column: Column) -> int:
    """The width a column has with nothing broken."""
    return max(map(cell_len, (_words(column.header), *map(_words, column.cells))))


def _need(column: Column) -> int:
    """The width below which a number is cut, or a name is no name any more."""
    head = max(map(cell_len, _words(column.header).split()), default=0)
    if _is_number(column):
        return max(head, *map(cell_len, map(_words, column.cells)), 0)
    whole, names = _whole(column), _names(column)
    least = max(head, min(_LEAST_TEXT, whole))
    most = min(whole, 2 * _LEAST_TEXT)
    apart = (width for width in range(least, most + 1) if cut_apart(names, width) is not None)
    return next(apart, least)


def _names(column: Column) -> Collection[str]:
    """The different words of a column's cells."""
    return {word for cell in column.cells for word in _words(cell).split(" ")}


def _frame(columns: Sequence[Column], table: Table) -> int:
    """What padding and lines take."""
    return 2 * len(columns) + (len(columns) + 1 if table.box else 0)


def _natural(columns: Sequence[Column], table: Table) -> int:
    return sum(map(_whole, columns)) + _frame(columns, table)


def _least(columns: Sequence[Column], table: Table) -> int:
    return sum(map(_need, columns)) + _frame(columns, table)


def _shared_out(columns: Sequence[Column], room: int) -> list[Column]:
    """Return columns of fixed widths: numbers theirs, texts what is left, the short ones all."""
    widths = {id(one): _need(one) for one in columns}
    left = max(0, room - sum(widths.values()))
    texts = sorted((one for one in columns if not _is_number(one)), key=_whole)
    for index, column in enumerate(texts):
        more = min(_whole(column) - widths[id(column)], left // (len(texts) - index))
        widths[id(column)] += max(0, more)
        left -= max(0, more)
    return [_in(column, widths[id(column)], index) for index, column in enumerate(columns)]


def _in(column: Column, width: int, index: int) -> Column:
    number = _is_number(column)
    front = None if number else cut_apart(_names(column), width)
    cells = [cell if number else _short(cell, width, front) for cell in column.cells]
    # What may not be broken in the cells is in the head, which is of several words.
    head = "\n".join(_lines(_words(column.header), width)) if number else column.header
    made = replace(column, header=head, width=width, no_wrap=number, overflow="fold")
    made._cells, made._index = cells, index
    return made


def _lines(words: str, width: int) -> list[str]:
    """Return words in lines of at most `width`, none of them broken."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def _short(cell: RenderableType, width: int, front: int | None) -> RenderableType:
    text = (
        cell
        if isinstance(cell, Text)
        else Text.from_markup(cell)
        if isinstance(cell, str)
        else None
    )
    if not isinstance(text, Text) or all(cell_len(w) <= width for w in text.plain.split(" ")):
        return cell
    words = (elided(word, width, front) for word in text.plain.split(" "))
    return Text(" ".join(words), style=text.style)
