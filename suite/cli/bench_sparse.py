"""`tinyrig bench sparse`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from markupsafe import Markup

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.cli.options import (
    DEFAULT_BACKEND,
    DEFAULT_TOOLCHAIN,
    Clock,
    ToolchainName,
    progress,
)
from tinyrig.suite.cli.peer_checkout import checkout_of
from tinyrig.suite.cli.show import keep_picture, show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.models.case import resolve
from tinyrig.suite.models.masks import Kind
from tinyrig.suite.toolchain.toolchain import load_toolchain

if TYPE_CHECKING:
    from tinyrig.suite.studies.sparsity.bench import Density

_SHAPE = (66, 192, 192)
_BOARDS = ("stm32f427", "stm32h743")
_FIGURES_BOARD = "stm32f746"
"""The paper's."""


def sparse(
    board: Annotated[
        list[str] | None, typer.Option(help="Boards, repeatable: one M4 and one M7 if none.")
    ] = None,
    density: Annotated[
        list[float] | None, typer.Option(min=0.0, max=1.0, help="Only this density, repeatable.")
    ] = None,
    blocks: Annotated[
        list[str] | None, typer.Option(help="Only blocks of 4, 2 or 2x4, repeatable.")
    ] = None,
    kind: Annotated[
        Kind, typer.Option(help="Which blocks are kept: as many in every row, or the largest.")
    ] = "balanced",
    shape: Annotated[
        tuple[int, int, int], typer.Option(min=1, help="Rows, columns in and columns out.")
    ] = _SHAPE,
    backend: Annotated[
        str, typer.Option(help="What boots it: embedded, or a simulator that counts cycles.")
    ] = DEFAULT_BACKEND,
    svg: Annotated[Path | None, typer.Option(help="Save a picture.")] = None,
    against: Annotated[
        str | None, typer.Option(help="Beside another library's dense kernel: cmsis-nn.")
    ] = None,
    cmsis_nn_path: Annotated[Path | None, typer.Option(help="Your checkout of CMSIS-NN.")] = None,
    figures: Annotated[
        str | None,
        typer.Option(help="Instead, TinyFormer's Fig. 10 and 11 of a model's shapes, predicted."),
    ] = None,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
    clock: Clock = None,
) -> None:
    """Print modelled cycles of sparse weights by density and form, beside dense ones."""
    if figures is not None:
        _figures(figures, board or [_FIGURES_BOARD], svg)
        return
    from tinyrig.suite.report.sparse_picture import sparse_picture
    from tinyrig.suite.report.sparse_table import sparse_table
    from tinyrig.suite.studies.kernels.cmsis_nn.peer import PeerBench
    from tinyrig.suite.studies.sparsity.bench import DENSITIES, FORMS, measure

    if unknown := set(blocks or ()) - set(FORMS):
        raise InputError(f"Blocks are of {', '.join(FORMS)}, not of {min(unknown)!r}.")
    check_writable(svg)
    checkout = checkout_of(against, cmsis_nn_path)
    tools, machine = load_toolchain(toolchain), load_backend(backend)
    found: dict[str, list[Density]] = {}
    with progress() as report:
        for target in map(load_board, board or _BOARDS):
            peers = PeerBench(checkout, target, machine, tools) if checkout else None
            shares = sorted(density or DENSITIES)
            given = (blocks or FORMS, shares, target, machine, tools, peers, kind, shape, clock)
            for row in measure(*given):
                found.setdefault(target.name, []).append(row)
                report(f"{target.name}: blocks of {row.form}, {row.density:g}")
    if svg is not None:
        write_atomic(svg, sparse_picture(found).encode())
    keep_picture(lambda: Markup(sparse_picture(found, style="")))
    show(*(sparse_table(name, rows) for name, rows in found.items()))


def _figures(model: str, boards: list[str], svg: Path | None) -> None:
    """Print, and draw, what the paper's figures are of one model on the first of boards."""
    from tinyrig.suite.report.sparse_figures import figures_picture, figures_table
    from tinyrig.suite.studies.sparsity.figures import by_operator, by_sparsity

    check_writable(svg)
    case, board = resolve(model, {}), load_board(boards[0])
    with progress() as report:
        shares = []
        for share in by_sparsity(case.graph, board):
            shares.append(share)
            report(f"{share.sparsity:.0%}")
        report("operators")
        operators = by_operator(case.graph, board)
    found = (case.name, board.name, shares, operators)
    if svg is not None:
        write_atomic(svg, figures_picture(*found).encode())
    show(figures_table(*found))
