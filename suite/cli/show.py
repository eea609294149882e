"""Printing for people, and the same as files where a command is asked for them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup
from rich.console import Console, RenderableType
from rich.text import Text

from tinyrig.suite.cli.narrow import fitted
from tinyrig.suite.cli.page_file import Part, as_page
from tinyrig.suite.cli.table_files import Printed, as_csv, as_json, tables_of
from tinyrig.suite.files.atomic import check_writable, write_atomic

_MINIMUM_WIDTH = 140
STDOUT = Path("-")
"""The file that is stdout: nothing is printed for people then."""


@dataclass
class _Told:
    quiet: bool
    paged: bool
    tables: list[Printed] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


_told: ContextVar[_Told | None] = ContextVar("told", default=None)


@contextmanager
def kept_tables(
    command: str, json: Path | None, csv: Path | None, html: Path | None = None
) -> Iterator[None]:
    """Save what is shown meanwhile, also where the command ends with an exit code.

    Tables as JSON or CSV, all of it as a page.
    """
    for path in (json, csv, html):
        if path is not None and path != STDOUT:
            check_writable(path)
    told = _Told(quiet=STDOUT in (json, csv, html), paged=html is not None)
    mark = _told.set(told)
    try:
        yield
    finally:
        _told.reset(mark)
        if told.tables:
            _save(json, as_json(command, told.tables))
            _save(csv, as_csv(told.tables))
        if told.parts:
            _save(html, as_page(command, sys.argv[1:], told.parts))


def keep_picture(draw: Callable[[], Markup]) -> None:
    """Draw a picture for the page, where a command is asked for one."""
    told = _told.get()
    if told is not None and told.paged:
        told.parts.append(draw())


def _save(path: Path | None, text: str) -> None:
    if path == STDOUT:
        print(text, end="")  # noqa: T201
    elif path is not None:
        write_atomic(path, text.encode())


def show(*parts: RenderableType) -> None:
    """Print to stdout, wide enough for a table when nobody looks at a terminal."""
    told = _told.get()
    if told is not None:
        told.tables += tables_of(parts)
        if told.paged:
            told.parts += parts
    if told is not None and told.quiet:
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, _MINIMUM_WIDTH))
    for part in parts:
        console.print(fitted(part, console.width))


def show_line(text: Text) -> None:
    """Print to stdout on one line, however long."""
    told = _told.get()
    if told is not None and told.paged:
        told.parts.append(text)
    if told is None or not told.quiet:
        Console(soft_wrap=True, highlight=False).print(text)


def plain_text(part: RenderableType) -> str:
    """Return what would be printed, as text for a file: no colours, no blanks at line ends."""
    console = Console(file=io.StringIO(), width=_MINIMUM_WIDTH, record=True)
    console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in console.export_text().splitlines())
