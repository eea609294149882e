"""`tinyrig models`, `tinyrig boards`, `tinyrig kernels`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tinyrig.generator.emit.kernel_header import header
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.generator.planning.memory_region import MemoryRegion, RamRegion
from tinyrig.suite.cli.options import progress
from tinyrig.suite.cli.show import show
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.models.zoo import load_zoo, zoo_names


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        right = column in {"parameters", "MACs", "flash", "RAM", "stack"}
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    return table


def models() -> None:
    """List the zoo: parameters, MACs, inputs and source."""
    table = _table("model", "parameters", "MACs", "inputs", "source")
    for name in zoo_names():
        zoo = load_zoo(name)
        shapes = ", ".join(
            f"{key} {'x'.join(map(str, shape))}" for key, shape in zoo.input_shapes.items()
        )
        shown = f"{name} (--S --E --P --H)" if zoo.entry.free else name
        table.add_row(shown, f"{zoo.parameters:,}", f"{zoo.macs:,}", shapes, zoo.source)
    show(table)


def boards() -> None:
    """List the boards: core, flash in the chip and outside, and every RAM region, in bytes."""
    table = _table(
        "board", "mcu", "core", "flash", "external flash", "RAM", "regions", "stack", "uart"
    )
    for name in board_names():
        board = load_board(name)
        table.add_row(
            name,
            board.mcu,
            board.core,
            f"{board.flash.size:,}",
            _place(board.external_flash) if board.external_flash else "-",
            f"{board.ram_size:,}",
            ", ".join(map(_place, board.ram)),
            f"{board.layout.stack_size:,}",
            board.uart.peripheral,
        )
    show(table)


def _check(folder: Path, calls: int, board: str | None) -> None:
    """Test the kernels of a folder; exit code 1 when one is wrong."""
    from tinyrig.suite.studies.kernels.checking.check import check_kernels

    with progress() as told:
        found = list(check_kernels(folder, calls, board, told))
    table = _table("kernel", "board", "toolchain", "calls", "answer")
    for one in found:
        answer = Text(one.fault) if one.fault else "equal to the portable kernel"
        table.add_row(one.kernel, one.board, one.toolchain, f"{one.calls:,}", answer)
    show(table)
    if any(one.fault for one in found):
        raise typer.Exit(1)


def _place(region: MemoryRegion) -> str:
    also = f" and {region.alias:#010x}" if isinstance(region, RamRegion) and region.alias else ""
    return f"{region.name} {region.size:,} at {region.origin:#010x}{also}"


def kernels(
    written: Annotated[
        Path | None, typer.Option("--header", help="Write their C header to a file instead.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--check", help="Test a folder of kernels against the portable ones instead."),
    ] = None,
    calls: Annotated[int, typer.Option(min=1, help="Random calls a tested kernel.")] = 200,
    board: Annotated[
        str | None, typer.Option(help="Test on this board's core, not on the first that suits.")
    ] = None,
) -> None:
    """List the kernel variants: operator, instruction set, legality and scratch bytes."""
    if folder is not None:
        _check(folder, calls, board)
        return
    if written is not None:
        write_atomic(written, header().encode())
        return
    table = _table("kernel", "operator", "isa", "legal when", "scratch")
    for kernel in all_kernels():
        legal = " and ".join(kernel.legal) or "always"
        table.add_row(kernel.name, kernel.op, kernel.isa, legal, kernel.scratch)
    show(table)
