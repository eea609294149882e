"""`tinyrig bench kernels`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.cli.bench_costs import CODE_BOARDS, code_of_kernels, fit_kernels
from tinyrig.suite.cli.options import (
    DEFAULT_TOOLCHAIN,
    ToolchainName,
    progress,
)
from tinyrig.suite.cli.peer_checkout import checkout_of
from tinyrig.suite.cli.show import show
from tinyrig.suite.cycles.tables import load_timing
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.studies.kernels.cmsis_nn.checkout import Checkout
from tinyrig.suite.toolchain.toolchain import Toolchain, load_toolchain

if TYPE_CHECKING:
    from tinyrig.suite.backends.interface import Backend
    from tinyrig.suite.studies.kernels.bench import Measured
    from tinyrig.suite.studies.kernels.cmsis_nn.peer import Peers
    from tinyrig.suite.studies.kernels.rows import Row

_BOARDS = ("stm32f427", "stm32h743")
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
    save: Annotated[
        bool, typer.Option("--save", help="Keep the other library's figures for runs without it.")
    ] = False,
    fit: Annotated[
        bool,
        typer.Option("--fit", help="Instead, measure random calls and renew kernels/costs."),
    ] = False,
    code: Annotated[
        bool,
        typer.Option("--code", help="Instead, measure the kernels' code and renew kernels/code."),
    ] = False,
    kernel: Annotated[
        list[str] | None, typer.Option(help="With --fit, only kernels of this name, repeatable.")
    ] = None,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
) -> None:
    """Print modelled cycles of the kernels by shape against their targets."""
    if fit or code:
        if only or sweep or svg or against or save or (code and (fit or kernel)):
            raise InputError(
                "--fit measures calls: it goes with --board, --kernel and --toolchain; --code "
                "measures every kernel: it goes with --board and --toolchain."
            )
        _renew(board, toolchain, kernel or (), fit=fit)
        return
    if kernel:
        raise InputError("--kernel says what --fit measures; rows are chosen by --only.")
    from tinyrig.suite.report.heat_map import heat_maps, sweep_maps
    from tinyrig.suite.report.kernel_table import kernel_table
    from tinyrig.suite.studies.kernels import rows as kernel_rows
    from tinyrig.suite.studies.kernels.bench import measure
    from tinyrig.suite.studies.kernels.cmsis_nn.kept import kept_of, save_kept

    if svg is not None:
        if not sweep:
            raise InputError("--svg draws the sweep: it goes with --sweep HEADS.")
        check_writable(svg)
    tools, machine = load_toolchain(toolchain), load_backend("embedded")
    boards = [load_board(name) for name in board or _BOARDS]
    checkout = checkout_of(against, cmsis_nn_path)
    if save and (checkout is None or only or sweep):
        raise InputError("--save keeps every row's figure: it goes with --against cmsis-nn alone.")
    with progress() as report:
        rows = _swept(sweep) if sweep else kernel_rows.rows()
        wanted = [row for row in rows if only in row.name]
        needed = {name for row in wanted for name in (row.padded, row.smaller, row.name)}
        chosen = [row for row in rows if row.name in needed]
        tables: list[RenderableType] = []
        every: list[Measured] = []
        for target in boards:
            found = []
            beside, note = _beside(checkout, target, machine, tools, chosen)
            for measured in measure(chosen, target, machine, tools, beside):
                found.append(measured)
                report(f"{target.name}: {measured.row.name}")
            if found:
                tables.append(kernel_table(found))
            if note:
                tables.append(Text(note, "yellow"))
            every += found
    if save:
        save_kept(kept_of(every))
    if svg is not None:
        write_atomic(svg, heat_maps(sweep_maps(every), _CAPTION).encode())
    show(*tables)


def _beside(
    checkout: Checkout | None,
    board: Board,
    machine: Backend,
    tools: Toolchain,
    rows: Sequence[Row],
) -> tuple[Peers | None, str]:
    """Where figures of CMSIS-NN come from on a board, and what to say of those that are missing."""
    from tinyrig.suite.studies.kernels.cmsis_nn.kept import Conditions, kept_for, load_kept
    from tinyrig.suite.studies.kernels.cmsis_nn.peer import PeerBench

    if checkout is not None:
        return PeerBench(checkout, board, machine, tools), ""
    timing = load_timing(board.core)
    wanted = Conditions(
        board.name, f"{timing.name} v{timing.version}", f"{tools.name} {tools.version}"
    )
    return kept_for(wanted, [row.name for row in rows if row.fewer is not None], load_kept())


def _swept(heads: Sequence[int]) -> list[Row]:
    from tinyrig.suite.studies.kernels.rows import sweep

    return [row for number in heads for row in sweep(number)]


def _renew(boards: Sequence[str] | None, toolchain: str, only: Sequence[str], *, fit: bool) -> None:
    """Measure what the planner reads of kernels: costs of calls if `fit`, else their code."""
    if fit:
        fit_kernels(boards or _BOARDS, toolchain, only)
    else:
        code_of_kernels(boards or CODE_BOARDS, toolchain)
