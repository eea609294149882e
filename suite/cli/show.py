"""Printing for people."""

from __future__ import annotations

from rich.console import Console, RenderableType

_MINIMUM_WIDTH = 140


def show(*parts: RenderableType) -> None:
    """Print to stdout, wide enough for a table when nobody looks at a terminal."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, _MINIMUM_WIDTH))
    for part in parts:
        console.print(part)
