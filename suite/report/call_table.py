"""What `tinyrig profile --backend renode` prints and draws."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.report.stack_picture import stack_picture
from tinyrig.suite.studies.calls import Calls

_LEAST = 1000
"""Functions with less than one part in this many are left out."""


def call_table(calls: Calls) -> RenderableType:
    """Return the functions by their own instructions, the most first."""
    table = Table()
    table.add_column("function", overflow="fold")
    table.add_column("instructions", justify="right")
    table.add_column("share", justify="right")
    ordered = sorted(calls.by_function().items(), key=lambda item: (-item[1], item[0]))
    for name, count in ordered:
        if _LEAST * count >= calls.total:
            table.add_row(Text(name), f"{count:,}", f"{count / calls.total:.1%}")
    return Group(Text(_caption(calls)), table)


def call_picture(calls: Calls) -> str:
    """Return the calls as an SVG flamegraph of instructions."""
    return stack_picture(calls.stacks, _caption(calls), "instructions")


def _caption(calls: Calls) -> str:
    return f"{calls.model} on {calls.board}: {calls.total:,} instructions ({calls.backend})"
