"""The tables `tinyrig profile` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.records.energy import milliseconds_at
from tinyrig.suite.report.time_words import three_digits
from tinyrig.suite.studies.profiling import HotBlock, HotLine, Profiled

MOST_ROWS = 12
"""Rows of a table that leave the whole answer on a screen or two."""


def profile_table(profiled: Profiled, most: int | None = MOST_ROWS) -> RenderableType:
    """Return layers, functions and the hottest blocks, with the model's error band.

    Of layers and functions `most` are shown, the dearest, and of a block the first; None shows all.
    """
    cycles = profiled.cycles
    band = f"modelled by {cycles.model} v{cycles.version}, +-{cycles.error_percent:g} %"
    clock = profiled.clock_mhz
    time = ""
    if clock is not None:
        time = f", {three_digits(milliseconds_at(clock, cycles.total))} ms at {clock:g} MHz"
    heading = Text(
        f"{profiled.model} on {profiled.board}: {cycles.total:,} cycles{time} "
        f"({band}, zero wait states; checked build)"
    )
    layers = {profiled.layer(step): count for step, count in cycles.by_step().items()}
    shares = (
        *_shares("Layers", "layer", layers, cycles.total, band, clock, most),
        *_shares("Kernels", "function", cycles.by_function(), cycles.total, band, clock, most),
    )
    lines = [_lines(profiled.lines, cycles.total, band)] if profiled.lines else []
    blocks = (part for hot in profiled.hottest for part in _block(hot, cycles.total, most))
    return Group(heading, *shares, *lines, *blocks)


def _shares(
    title: str,
    what: str,
    cycles: Mapping[str, int],
    total: int,
    band: str,
    clock: float | None,
    most: int | None,
) -> Iterable[RenderableType]:
    table = _titled(f"{title}, cycles {band}")
    table.add_column(what, overflow="fold")
    for column in ("cycles", *(["ms"] if clock else []), "share"):
        table.add_column(column, justify="right")
    ranked = sorted(cycles.items(), key=lambda item: (-item[1], item[0]))
    for name, count in ranked[:most]:
        time = [three_digits(milliseconds_at(clock, count))] if clock else []
        table.add_row(Text(name), f"{count:,}", *time, f"{count / total:.1%}")
    yield table
    rest = [count for _, count in ranked[most:]] if most is not None else []
    if rest:
        share = f"{sum(rest) / total:.1%}"
        yield Text(f"{len(rest)} more with {share} of the cycles: --all shows them.")


def _lines(lines: Iterable[HotLine], total: int, band: str) -> RenderableType:
    table = _titled(f"Source lines, cycles {band}")
    table.add_column("line", overflow="fold")
    for name in ("cycles", "share"):
        table.add_column(name, justify="right")
    table.add_column("source", overflow="ellipsis", no_wrap=True)
    for hot in lines:
        share = f"{hot.cycles / total:.1%}"
        where = Text(f"{hot.line.path}:{hot.line.line}")
        table.add_row(where, f"{hot.cycles:,.0f}", share, Text(hot.text))
    return table


def _block(hot: HotBlock, total: int, most: int | None) -> Iterable[RenderableType]:
    block = hot.block
    once = block.cycles / block.count
    title = (
        f"{block.function} at 0x{block.block.address:08x} in {hot.layer}: {block.count:,} times "
        f"{once:.1f} modelled cycles, {block.cycles / total:.1%}"
    )
    table = _titled(title)
    for name in ("cycle", "cost"):
        table.add_column(name, justify="right")
    table.add_column("")
    table.add_column("instruction")
    for row in islice(_rows(hot), most):
        table.add_row(*row)
    yield table
    if most is not None and len(hot.code) > most:
        yield Text(f"{len(hot.code) - most} more instructions: --all shows them.")


def _titled(title: str) -> Table:
    """Return a table as wide as its title, which else would be broken."""
    return Table(title=Text(title), title_justify="left", min_width=len(title))


def _rows(hot: HotBlock) -> Iterable[tuple[str, str, str, Text]]:
    """Yield the rows of a block; the bar shows what waits."""
    for issued in hot.code:
        bar = "#" * round(2 * issued.cycles)
        yield f"{issued.at:.1f}", f"{issued.cycles:.1f}", bar, Text(issued.text)
