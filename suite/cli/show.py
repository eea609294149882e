"""Printing for people."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType
from rich.text import Text

_MINIMUM_WIDTH = 140


def show(*parts: RenderableType) -> None:
    """Print to stdout, wide enough for a table when nobody looks at a terminal."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, _MINIMUM_WIDTH))
    for part in parts:
        console.print(part)


def show_line(text: Text) -> None:
    """Print to stdout on one line, however long."""
    Console(soft_wrap=True, highlight=False).print(text)


def plain_text(part: RenderableType) -> str:
    """Return what would be printed, as text for a file: no colours, no blanks at line ends."""
    console = Console(file=io.StringIO(), width=_MINIMUM_WIDTH, record=True)
    console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in console.export_text().splitlines())
