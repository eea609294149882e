"""`tinyrig agree`."""

from __future__ import annotations

from typing import Annotated

import typer

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.cli.options import (
    DEFAULT_TOOLCHAIN,
    BoardName,
    Clock,
    ModelOptions,
    ToolchainName,
    progress,
)
from tinyrig.suite.cli.show import show
from tinyrig.suite.report.agree_table import agree_table
from tinyrig.suite.studies.agree import check_lanes, compare_lanes, lane_names
from tinyrig.suite.toolchain.toolchain import load_toolchain

_BOARD = "netduinoplus2"


def agree(
    models: Annotated[
        list[str], typer.Argument(help="Zoo names (see `tinyrig models`), ONNX or TFLite files.")
    ],
    board: BoardName = _BOARD,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
    lane: Annotated[
        list[str] | None, typer.Option(help="A lane to compare; may be repeated. Default: all.")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Seeded inputs of each model.")] = 1,
    clock: Clock = None,
) -> None:
    """Run models on every installed lane and compare answers and instruction counts.

    The default board is the one that the embedded, qemu and renode lanes all have.
    """
    lanes = tuple(lane or lane_names())
    check_lanes(lanes)
    target = load_board(board)
    tools = load_toolchain(toolchain, target.compiler)
    rows = []
    with progress() as report:
        for model in models:
            case = ModelOptions(model=model).case()
            rows.append(compare_lanes(case, target, tools, lanes, samples, report))
    show(agree_table(rows, board, clock or target.product_mhz))
    if not all(row.agrees for row in rows):
        raise typer.Exit(1)
