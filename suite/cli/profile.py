"""`tinyrig profile`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import capabilities
from tinyrig.suite.cli.options import (
    DEFAULT_BACKEND,
    DEFAULT_BOARD,
    DEFAULT_TOOLCHAIN,
    BoardName,
    Calibration,
    Dim,
    Embedding,
    Heads,
    Model,
    NoOpt,
    Opt,
    Projection,
    RefOnly,
    Sequence_,
    Shape,
    ToolchainName,
    progress,
    resolve_case,
)
from tinyrig.suite.cli.show import show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.report.call_table import call_picture, call_table
from tinyrig.suite.report.profile_stacks import collapsed, flamegraph
from tinyrig.suite.report.profile_table import profile_table
from tinyrig.suite.report.stack_picture import folded as fold
from tinyrig.suite.rig.run import RunOptions
from tinyrig.suite.studies.calls import case_calls
from tinyrig.suite.studies.profiling import profile_case
from tinyrig.suite.toolchain.toolchain import load_toolchain


def profile(
    model: Model,
    board: BoardName = DEFAULT_BOARD,
    backend: Annotated[
        str, typer.Option(help="embedded: modelled cycles; renode: instructions by call stack.")
    ] = DEFAULT_BACKEND,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
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
    dim: Dim = None,
    shape: Shape = None,
    opt: Opt = None,
    no_opt: NoOpt = None,
    ref_only: RefOnly = False,
) -> None:
    """Tell where the modelled cycles go: layers, kernels, hottest blocks with issue slots.

    With `--backend renode`, where the instructions go: functions and the calls they lie under.
    """
    for target in (svg, folded):
        if target is not None:
            check_writable(target)
    options = RunOptions(parse_options(opt or (), no_opt or ()), ref_only)
    target_board = load_board(board)
    if not capabilities(backend).profile:
        machine = load_backend(backend)
        with progress() as report:
            case = resolve_case(model, {"S": s, "E": e, "P": p, "H": h}, calibration, dim, shape)
            tools = load_toolchain(toolchain, target_board.compiler)
            calls = case_calls(case, target_board, machine, tools, options, report)
        _save(svg, folded, call_picture(calls), fold(calls.stacks))
        show(call_table(calls))
        return
    with progress() as report:
        case = resolve_case(model, {"S": s, "E": e, "P": p, "H": h}, calibration, dim, shape)
        profiled = profile_case(
            case,
            target_board,
            load_backend(backend),
            load_toolchain(toolchain, target_board.compiler),
            options,
            blocks,
            lines,
            report,
        )
    _save(svg, folded, flamegraph(profiled), collapsed(profiled))
    show(profile_table(profiled))


def _save(svg: Path | None, folded: Path | None, picture: str, stacks: str) -> None:
    for path, text in ((svg, picture), (folded, stacks)):
        if path is not None:
            write_atomic(path, text.encode())
