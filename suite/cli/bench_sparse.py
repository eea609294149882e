"""`tinyrig bench sparse`."""

from __future__ import annotations

from typing import Annotated

import typer

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.cli.options import DEFAULT_TOOLCHAIN, ToolchainName, progress
from tinyrig.suite.cli.show import show
from tinyrig.suite.toolchain.toolchain import load_toolchain

_BOARDS = ("stm32f427", "stm32h743")


def sparse(
    board: Annotated[
        list[str] | None, typer.Option(help="Boards, repeatable: one M4 and one M7 if none.")
    ] = None,
    density: Annotated[
        list[float] | None, typer.Option(min=0.0, max=1.0, help="Only this density, repeatable.")
    ] = None,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
) -> None:
    """Print modelled cycles of sparse weights by density, beside dense ones."""
    from tinyrig.suite.report.sparse_table import sparse_table
    from tinyrig.suite.studies.sparsity.bench import DENSITIES, measure

    tools, machine = load_toolchain(toolchain), load_backend("embedded")
    boards = [load_board(name) for name in board or _BOARDS]
    tables = []
    with progress() as report:
        for target in boards:
            found = []
            for row in measure(sorted(density or DENSITIES), target, machine, tools):
                found.append(row)
                report(f"{target.name}: {row.density:g}")
            tables.append(sparse_table(target.name, found))
    show(*tables)
