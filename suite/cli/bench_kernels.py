"""`tinyrig bench kernels`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from suite.records.atomic import check_writable, write_atomic

if TYPE_CHECKING:
    from suite.benchmarks.kernel_bench import Measured
    from suite.benchmarks.kernel_rows import Row

_BOARDS = ("stm32f427", "stm32h743")
_PEER = "cmsis-nn"
_CAPTION = "Attention blocks, modelled cycles by size; the colour is the share of the core's limit"


def kernels(
    board: Annotated[
        list[str] | None, typer.Option(help="Boards, repeatable: one M4 and one M7 if none.")
    ] = None,
    only: Annotated[str, typer.Option(help="Only shapes whose name contains this.")] = "",
    sweep: Annotated[
        list[int] | None,
        typer.Option(help="Instead, attention blocks of this many heads, repeatable."),
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Save a heat map of the sweep.")] = None,
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
    from suite.report.heat_map import heat_maps, sweep_maps
    from suite.report.kernel_table import kernel_table

    if svg is not None:
        if not sweep:
            raise InputError("--svg draws the sweep: it goes with --sweep HEADS.")
        check_writable(svg)
    tools, machine = load_toolchain(toolchain), load_backend("embedded")
    boards = [load_board(name) for name in board or _BOARDS]
    peer = _peer(against, cmsis_nn_path)
    with progress() as report:
        rows = _swept(sweep) if sweep else kernel_rows.rows()
        wanted = [row for row in rows if only in row.name]
        needed = {row.padded for row in wanted} | {row.name for row in wanted}
        chosen = [row for row in rows if row.name in needed]
        tables = []
        every: list[Measured] = []
        for target in boards:
            found = []
            beside = None if peer is None else PeerBench(peer, target, machine, tools)
            for measured in measure(chosen, target, machine, tools, beside):
                found.append(measured)
                report(f"{target.name}: {measured.row.name}")
            if found:
                tables.append(kernel_table(found))
            every += found
    if svg is not None:
        write_atomic(svg, heat_maps(sweep_maps(every), _CAPTION).encode())
    show(*tables)


def _swept(heads: Sequence[int]) -> list[Row]:
    from suite.benchmarks.kernel_rows import sweep

    return [row for number in heads for row in sweep(number)]


def _peer(against: str | None, path: Path | None) -> Checkout | None:
    if against is None:
        if path is not None:
            raise InputError("--cmsis-nn-path goes with --against cmsis-nn.")
        return None
    if against != _PEER:
        raise InputError(f"Kernels can be measured against {_PEER}, not against {against!r}.")
    return open_checkout(path)
