"""`tinyrig bench`."""

from __future__ import annotations

from typing import Annotated

import typer

from generator.planning.board import load_board
from suite.backends.registry import backend as load_backend
from suite.build.toolchain import load_toolchain
from suite.cli.options import progress
from suite.cli.show import show

bench = typer.Typer(help="Measure the kernels.")

_BOARDS = ("stm32f427", "stm32h743")


@bench.callback()
def _bench() -> None:
    """Measure the kernels."""


@bench.command()
def kernels(
    board: Annotated[
        list[str] | None, typer.Option(help="Boards, repeatable: one M4 and one M7 if none.")
    ] = None,
    only: Annotated[str, typer.Option(help="Only shapes whose name contains this.")] = "",
    sweep: Annotated[
        int | None, typer.Option(help="Instead, attention blocks of this many heads.")
    ] = None,
    toolchain: Annotated[str, typer.Option(help="What compiles it: zig or gcc.")] = "zig",
) -> None:
    """Print modelled cycles of the kernels by shape against their targets."""
    from suite.benchmarks import kernel_rows
    from suite.benchmarks.kernel_bench import measure
    from suite.report.kernel_table import kernel_table

    tools, machine = load_toolchain(toolchain), load_backend("embedded")
    boards = [load_board(name) for name in board or _BOARDS]
    with progress() as report:
        rows = kernel_rows.rows() if sweep is None else kernel_rows.sweep(sweep)
        wanted = [row for row in rows if only in row.name]
        needed = {row.padded for row in wanted} | {row.name for row in wanted}
        chosen = [row for row in rows if row.name in needed]
        tables = []
        for target in boards:
            found = []
            for measured in measure(chosen, target, machine, tools):
                found.append(measured)
                report(f"{target.name}: {measured.row.name}")
            if found:
                tables.append(kernel_table(found))
    show(*tables)
