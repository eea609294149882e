"""`tinyrig bench waits`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType

from tinyrig.generator.errors import InputError
from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.cli.options import DEFAULT_TOOLCHAIN, ToolchainName, progress
from tinyrig.suite.cli.show import show


def waits(
    board: Annotated[
        list[str] | None, typer.Option(help="Boards, repeatable: the five of STM32 if none.")
    ] = None,
    network: Annotated[
        list[str] | None,
        typer.Option(help="Only this network of the zoo, repeatable: those with a limit if none."),
    ] = None,
    opt: Annotated[
        list[str] | None,
        typer.Option(help="Words of --opt, repeatable: optimize=cycles if none."),
    ] = None,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
) -> None:
    """Print what networks take with a board's flash over their cycles at zero wait states."""
    from tinyrig.suite.report.waits_table import waits_table
    from tinyrig.suite.studies.waits.measure import BOARDS, WORDS, limits, measure

    parse_options(opt or (), ())
    targets = [_waiting(name) for name in board or BOARDS]
    tables: list[RenderableType] = []
    good = True
    with progress() as report:
        for target in targets:
            rows = []
            for row in measure(target, network or list(limits()), opt or WORDS, toolchain):
                report(f"{target.full_name}: {row.network}")
                rows.append(row)
            good &= all(row.met and row.proven for row in rows)
            tables.append(waits_table(rows))
    show(*tables)
    if not good:
        raise typer.Exit(1)


def _waiting(name: str) -> Board:
    """Return a board with an operating point; InputError for one that waits for nothing."""
    board = load_board(name)
    if board.operating_point is None:
        raise InputError(f"Board {board.name} has no operating point: nothing is known to wait.")
    return board
