"""`tinyrig bench kernels`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from generator.errors import InputError
from generator.planning.board import load_board
from suite.backends.registry import backend as load_backend
from suite.benchmarks.cmsis_nn.checkout import Checkout, open_checkout
from suite.build.toolchain import load_toolchain
from suite.cli.options import (
    DEFAULT_TOOLCHAIN,
    ToolchainName,
    progress,
)
from suite.cli.show import show

_BOARDS = ("stm32f427", "stm32h743")
_PEER = "cmsis-nn"


def kernels(
    board: Annotated[
        list[str] | None, typer.Option(help="Boards, repeatable: one M4 and one M7 if none.")
    ] = None,
    only: Annotated[str, typer.Option(help="Only shapes whose name contains this.")] = "",
    sweep: Annotated[
        int | None, typer.Option(help="Instead, attention blocks of this many heads.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Beside another library's kernels: cmsis-nn.")
    ] = None,
    cmsis_nn_path: Annotated[Path | None, typer.Option(help="Your checkout of CMSIS-NN.")] = None,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
) -> None:
    """Print modelled cycles of the kernels by shape against their targets."""
    from suite.benchmarks import kernel_rows
    from suite.benchmarks.cmsis_nn.peer import PeerBench
    from suite.benchmarks.kernel_bench import measure
    from suite.report.kernel_table import kernel_table

    tools, machine = load_toolchain(toolchain), load_backend("embedded")
    boards = [load_board(name) for name in board or _BOARDS]
    peer = _peer(against, cmsis_nn_path)
    with progress() as report:
        rows = kernel_rows.rows() if sweep is None else kernel_rows.sweep(sweep)
        wanted = [row for row in rows if only in row.name]
        needed = {row.padded for row in wanted} | {row.name for row in wanted}
        chosen = [row for row in rows if row.name in needed]
        tables = []
        for target in boards:
            found = []
            beside = None if peer is None else PeerBench(peer, target, machine, tools)
            for measured in measure(chosen, target, machine, tools, beside):
                found.append(measured)
                report(f"{target.name}: {measured.row.name}")
            if found:
                tables.append(kernel_table(found))
    show(*tables)


def _peer(against: str | None, path: Path | None) -> Checkout | None:
    if against is None:
        if path is not None:
            raise InputError("--cmsis-nn-path goes with --against cmsis-nn.")
        return None
    if against != _PEER:
        raise InputError(f"Kernels can be measured against {_PEER}, not against {against!r}.")
    return open_checkout(path)
