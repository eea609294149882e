"""`tinyrig cycles`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.capabilities import DEFAULT_BUDGET
from tinyrig.suite.cli.options import DEFAULT_BOARD, BoardName, Clock, progress
from tinyrig.suite.cli.show import show
from tinyrig.suite.report.region_table import region_table
from tinyrig.suite.studies.region_cycles import region_cycles
from tinyrig.suite.toolchain.foreign_image import Marks


def cycles(
    elf: Annotated[Path, typer.Argument(help="A linked Cortex-M program, whoever built it.")],
    board: BoardName = DEFAULT_BOARD,
    begin: Annotated[
        str, typer.Option(help="The function behind whose call counting begins.")
    ] = Marks.begin,
    end: Annotated[str, typer.Option(help="The function at whose call it ends.")] = Marks.end,
    halt: Annotated[
        str | None, typer.Option(help="The function that ends the program; default: exit or so.")
    ] = None,
    budget: Annotated[
        int, typer.Option(min=1, help="Instructions the program may take.")
    ] = DEFAULT_BUDGET,
    clock: Clock = None,
) -> None:
    """Count and model what any Cortex-M program does between two marker functions."""
    target = load_board(board)
    marks = Marks(begin, end, (halt,) if halt else Marks.halt)
    with progress() as report:
        report("running")
        found = region_cycles(elf, target, marks, budget)
    show(region_table(found, clock or target.product_mhz))
