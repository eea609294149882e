"""The tables `tinyrig cycles` prints."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.records.energy import milliseconds_at
from tinyrig.suite.report.time_words import three_digits
from tinyrig.suite.studies.region_cycles import RegionCycles

_LEAST_SHARE = 1000


def region_table(found: RegionCycles, clock_mhz: float) -> RenderableType:
    """Return counts and cycles of a region, and the functions they go to."""
    heading = f"{found.program} ({found.sha256[:16]}) on {found.board}"
    counts = Table(title=Text(heading), title_justify="left")
    counts.add_column("")
    for name in ("figure", "ms", "a cycle"):
        counts.add_column(name, justify="right")
    counts.add_column("from", overflow="fold")
    counts.add_row("instructions", f"{found.instructions:,}", "-", "-", "counted, exact")
    for one in found.cycles:
        memory = "0 wait states" if one.memory == "0ws" else "the board's memory"
        counts.add_row(
            f"cycles, {memory}",
            f"{one.total:,}",
            three_digits(milliseconds_at(clock_mhz, one.total)),
            f"{found.instructions / one.total:.2f}" if one.total else "-",
            f"modelled by {one.model} v{one.version}, +-{one.error_percent:g} %",
        )
    core = found.cycles[0]
    functions = Table(title="Functions, at 0 wait states", title_justify="left")
    functions.add_column("function", overflow="fold")
    for name in ("cycles", "share"):
        functions.add_column(name, justify="right")
    ranked = sorted(core.by_function().items(), key=lambda item: (-item[1], item[0]))
    for name, cycles in ranked:
        if _LEAST_SHARE * cycles >= core.total:
            functions.add_row(Text(name), f"{cycles:,}", f"{cycles / core.total:.1%}")
    return Group(counts, functions)
