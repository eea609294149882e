"""`tinyrig agree`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from generator.planning.board import load_board
from suite.agree import check_lanes, compare_lanes, lane_names
from suite.build.toolchain import load_toolchain
from suite.cli.options import BoardName, progress, resolve_case
from suite.report.agree_table import agree_table

_BOARD = "netduinoplus2"
_MINIMUM_WIDTH = 110


def agree(
    models: Annotated[
        list[str], typer.Argument(help="Zoo names (see `tinyrig models`) or ONNX files.")
    ],
    board: BoardName = _BOARD,
    toolchain: Annotated[str, typer.Option(help="What compiles it: zig or gcc.")] = "zig",
    lane: Annotated[
        list[str] | None, typer.Option(help="A lane to compare; may be repeated. Default: all.")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Seeded inputs of each model.")] = 1,
) -> None:
    """Run models on every installed lane and compare answers and instruction counts.

    The default board is the one that the embedded, qemu and renode lanes all have.
    """
    lanes = tuple(lane or lane_names())
    check_lanes(lanes)
    target = load_board(board)
    tools = load_toolchain(toolchain)
    rows = []
    with progress() as report:
        for model in models:
            case = resolve_case(model, {}, None)
            rows.append(compare_lanes(case, target, tools, lanes, samples, report))
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, _MINIMUM_WIDTH))
    console.print(agree_table(rows, board))
    if not all(row.agrees for row in rows):
        raise typer.Exit(1)
