"""The table `tinyrig bench kernels` prints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.report.time_words import three_digits
from tinyrig.suite.studies.kernels.bench import Measured


def kernel_table(measured: Sequence[Measured]) -> RenderableType:
    """Return one board's rows: cycles, cycles a unit, MAC a cycle, share of the limit, target."""
    first = measured[0]
    model = first.cycles
    title = (
        f"{first.board}: modelled cycles, {model.model} v{model.version} "
        f"+-{model.error_percent:g} %, 0 wait states, ms at {first.clock_mhz:g} MHz; "
        f"compiled by {first.toolchain}"
    )
    beside = any(row.peer for row in measured)
    if beside:
        title += f"; beside CMSIS-NN {first.peer_version}"
    table = Table(title=title, title_justify="left")
    table.add_column("shape", overflow="fold")
    table.add_column("kernels", overflow="fold")
    peers = ("CMSIS-NN", "to ours") if beside else ()
    for name in ("cycles", "ms", "a unit", "MAC/cycle", "of limit", *peers, "target", "verdict"):
        table.add_column(name, justify="right")
    for row in measured:
        table.add_row(*_cells(row, beside=beside))
    missed = [row for row in measured if row.met is False]
    words = f"{len(missed)} of {sum(row.met is not None for row in measured)} targets missed"
    return Group(table, Text(words + (":" if missed else ".")), *map(_missed, missed))


def _peer(measured: Measured) -> list[str | Text]:
    if measured.peer is None:
        return ["-", "-"]
    cycles = measured.peer.cycles
    return [f"{cycles:,}", f"{cycles / measured.total:.2f}x"]


def _cells(measured: Measured, *, beside: bool) -> list[str | Text]:
    macs = measured.row.unit == "MAC"
    verdict = {None: Text("-"), True: Text("met", "green"), False: Text("missed", "red")}
    return [
        measured.row.name,
        ", ".join(measured.row.functions or measured.kernels),
        f"{measured.total:,}",
        three_digits(measured.milliseconds),
        f"{measured.each:.2f} a {measured.row.unit}",
        f"{1 / measured.each:.2f}" if macs else "-",
        f"{measured.limit / measured.each:.0%}" if macs else "-",
        *(_peer(measured) if beside else []),
        _target(measured),
        verdict[measured.met],
    ]


def _target(measured: Measured) -> str:
    if measured.target is None:
        return "-"
    if measured.row.fewer is not None:
        return f"{measured.row.fewer:g}x to ours"
    return f"{measured.target:,.0f}"


def _missed(measured: Measured) -> Text:
    assert measured.target is not None
    over = measured.total / measured.target - 1
    return Text(f"  {measured.row.name}: {over:.0%} over its target")
