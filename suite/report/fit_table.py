"""Which boards a model fits, as a table and in words."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.studies.fitting import BoardFit, FitReport


def fit_table(report: FitReport, model: str) -> RenderableType:
    """Return every board with room and needs, then the answer in words."""
    table = Table(title=f"{model} on every board, bytes", title_justify="left")
    table.add_column("board", no_wrap=True)
    table.add_column("fits")
    copies = [
        (head, sizes)
        for head, sizes in (
            ("copied to RAM", [fit.needs.copied for fit in report.fits]),
            ("code copied", [fit.needs.copied_code for fit in report.fits]),
        )
        if any(sizes)
    ]
    for name in ("arena", "room", "weights + tables", "flash", *(head for head, _ in copies)):
        table.add_column(name, justify="right")
    table.add_column("too many", overflow="fold")
    for row, fit in enumerate(report.fits):
        verdict = Text("yes", style="green") if fit.fits else Text("no", style="red")
        table.add_row(
            fit.board.name,
            verdict,
            f"{fit.needs.arena:,}",
            f"{fit.room:,}",
            f"{fit.needs.data:,}",
            f"{fit.board.flash.size:,}" + (" + external" if fit.weights.outside else ""),
            *(f"{sizes[row]:,}" for _, sizes in copies),
            _over(fit),
        )
    return Group(table, Text("\n".join(_answer(report))))


def _over(fit: BoardFit) -> str:
    parts = []
    if fit.ram_over:
        parts.append(f"{fit.ram_over:,} bytes of RAM")
    if fit.flash_over:
        parts.append(f"{fit.flash_over:,} bytes of flash")
    return ", ".join(parts) or "-"


def _answer(report: FitReport) -> Iterator[str]:
    smallest, below = report.smallest, report.below
    if smallest is None:
        yield "It fits no board."
    else:
        yield f"The smallest board it fits is {smallest.board.name}; code comes on top in flash."
    if below is None:
        return
    yield f"On {below.board.name} it needs {_over(below)} too many."
    if not report.switches:
        yield "No single switch would help it there."
    for switch in report.switches:
        left = "then it fits" if switch.fit.fits else f"then {_over(switch.fit)} too many"
        yield f"  {switch.label}: arena {switch.fit.needs.arena:,}, {left}"
