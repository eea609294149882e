"""`tinyrig profile`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from generator.options import parse_options
from generator.planning.board import load_board
from suite.backends.registry import backend as load_backend
from suite.build.toolchain import load_toolchain
from suite.cli.options import (
    DEFAULT_BOARD,
    BoardName,
    Calibration,
    Embedding,
    Heads,
    Model,
    NoOpt,
    Opt,
    Projection,
    RefOnly,
    Sequence_,
    progress,
    resolve_case,
)
from suite.cli.show import show
from suite.profiling import profile_case
from suite.records.atomic import check_writable, write_atomic
from suite.report.profile_stacks import collapsed, flamegraph
from suite.report.profile_table import profile_table
from suite.run import RunOptions


def profile(
    model: Model,
    board: BoardName = DEFAULT_BOARD,
    toolchain: Annotated[str, typer.Option(help="What compiles it: zig or gcc.")] = "zig",
    s: Sequence_ = None,
    e: Embedding = None,
    p: Projection = None,
    h: Heads = None,
    blocks: Annotated[int, typer.Option(min=0, help="Hottest blocks to disassemble.")] = 3,
    lines: Annotated[int, typer.Option(min=0, help="Hottest source lines to tell.")] = 12,
    svg: Annotated[Path | None, typer.Option(help="Save a flamegraph.")] = None,
    folded: Annotated[
        Path | None, typer.Option(help="Save collapsed stacks, for speedscope.")
    ] = None,
    calibration: Calibration = None,
    opt: Opt = None,
    no_opt: NoOpt = None,
    ref_only: RefOnly = False,
) -> None:
    """Tell where the modelled cycles go: layers, kernels, hottest blocks with issue slots."""
    for target in (svg, folded):
        if target is not None:
            check_writable(target)
    options = RunOptions(parse_options(opt or (), no_opt or ()), ref_only)
    with progress() as report:
        case = resolve_case(model, {"S": s, "E": e, "P": p, "H": h}, calibration)
        profiled = profile_case(
            case,
            load_board(board),
            load_backend("embedded"),
            load_toolchain(toolchain),
            options,
            blocks,
            lines,
            report,
        )
    if svg is not None:
        write_atomic(svg, flamegraph(profiled).encode())
    if folded is not None:
        write_atomic(folded, collapsed(profiled).encode())
    show(profile_table(profiled))
