"""What a command prints as one page in the report's design: `--html` of every command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tinyrig.suite.records.grid import Grid

Part = RenderableType | Markup
"""What is printed, or a picture that stands on the page alone."""


def as_page(command: str, words: Sequence[str], parts: Sequence[Part]) -> str:
    """Return the page: tables to sort and to filter, pictures, and the words between them."""
    from tinyrig.suite.report.site.standalone import standalone_page

    title = command.replace("_", " ").capitalize()
    lead = " ".join(("tinyrig", *words))
    return standalone_page("printed.html", title, lead=lead, shown=list(_shown(parts)))


def _shown(parts: Iterable[Part]) -> Iterator[tuple[str, Grid | str]]:
    """Yield each part with its kind."""
    for part in parts:
        if isinstance(part, Markup):
            yield ("flame" if 'class="flame"' in part else "picture"), part
        elif isinstance(part, Group):
            yield from _shown(part.renderables)
        elif isinstance(part, Padding):
            yield from _shown([part.renderable])
        elif isinstance(part, Table):
            yield "grid", _grid(part)
        elif isinstance(part, Text | str) and _plain(part).strip():
            yield "words", _plain(part).strip()


def _grid(table: Table) -> Grid:
    numbers = (at for at, column in enumerate(table.columns) if column.justify == "right")
    cells = [[_plain(cell) for cell in column.cells] for column in table.columns]
    return Grid(
        _plain(table.title or ""),
        tuple(_plain(column.header) for column in table.columns),
        tuple(zip(*cells, strict=True)),
        frozenset(numbers),
    )


def _plain(part: RenderableType) -> str:
    if isinstance(part, Text):
        return part.plain
    return Text.from_markup(part).plain if isinstance(part, str) else ""
