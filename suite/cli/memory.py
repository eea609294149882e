"""`tinyrig memory`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import backends_that
from tinyrig.suite.cli.options import (
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
from tinyrig.suite.report.copies_words import copies_words
from tinyrig.suite.report.memory_page import memory_page
from tinyrig.suite.report.memory_picture import memory_picture
from tinyrig.suite.report.memory_words import comparison_words, memory_words
from tinyrig.suite.rig.arena_map import map_arena
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.studies.memory.compare import compare
from tinyrig.suite.studies.memory.observe import observe
from tinyrig.suite.toolchain.toolchain import load_toolchain


def memory(
    model: Model,
    board: BoardName = DEFAULT_BOARD,
    svg: Annotated[Path | None, typer.Option(help="Save the lifetime picture.")] = None,
    html: Annotated[Path | None, typer.Option(help="Save picture and words as a page.")] = None,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
    s: Sequence_ = None,
    e: Embedding = None,
    p: Projection = None,
    h: Heads = None,
    calibration: Calibration = None,
    dim: Dim = None,
    shape: Shape = None,
    opt: Opt = None,
    no_opt: NoOpt = None,
    ref_only: RefOnly = False,
) -> None:
    """Show the memory plan, and prove it by watching every access to the arena."""
    for target in (svg, html):
        if target is not None:
            check_writable(target)
    target_board = load_board(board)
    tools = load_toolchain(toolchain, target_board.compiler)
    machine = load_backend(backends_that(lambda found: found.watch)[0])
    options = parse_options(opt or (), no_opt or ())
    with progress() as report:
        given = resolve_case(model, {"S": s, "E": e, "P": p, "H": h}, calibration, dim, shape)
        case = given.rewritten(options)
        sample = sample_bytes(case.graph, case.samples(1)[0])
        report("planning")
        plan, _ = plan_project(case.graph, target_board, sample, options=options, ref_only=ref_only)
        report("watching the firmware")
        seen = observe(plan, machine, tools, sample)
    comparisons = [compare(plan, one) for one in seen]
    arena = map_arena(plan, plan.clean)
    if svg is not None:
        write_atomic(svg, memory_picture(arena).encode())
    if html is not None:
        write_atomic(html, memory_page(arena, comparisons).encode())
    shown = [copies_words(plan)] if plan.options.weights_in_ram else []
    show(memory_words(arena), *shown, comparison_words(comparisons))
    if any(one.findings for one in comparisons):
        raise typer.Exit(1)
