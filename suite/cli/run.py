"""`tinyrig run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.cli.inputs import samples_from, write_outputs
from tinyrig.suite.cli.options import (
    DEFAULT_BOARD,
    DEFAULT_TOOLCHAIN,
    BoardBackendName,
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
    default_backend,
    progress,
    resolve_case,
)
from tinyrig.suite.cli.show import show, show_line
from tinyrig.suite.files.atomic import check_writable
from tinyrig.suite.files.npz import check_arrays
from tinyrig.suite.report.run_table import doubt_text, run_table
from tinyrig.suite.rig.run import RunOptions, RunOutcome, run_case
from tinyrig.suite.toolchain.toolchain import load_toolchain


def run(
    model: Model,
    board: BoardName = DEFAULT_BOARD,
    backend: BoardBackendName = None,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
    s: Sequence_ = None,
    e: Embedding = None,
    p: Projection = None,
    h: Heads = None,
    samples: Annotated[int, typer.Option(min=1, help="Seeded inputs to check.")] = 1,
    inputs: Annotated[
        Path | None, typer.Option(help="Arrays by input name, .npz, instead.")
    ] = None,
    outputs: Annotated[
        Path | None, typer.Option(help="Save the answers, in the model's own types, .npz.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Save the Record.")] = None,
    calibration: Calibration = None,
    dim: Dim = None,
    shape: Shape = None,
    opt: Opt = None,
    no_opt: NoOpt = None,
    ref_only: RefOnly = False,
    cores: Annotated[
        int | None, typer.Option(min=1, help="Cores of a cluster to use; default: all.")
    ] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Instructions a boot may take.")] = None,
) -> None:
    """Quantize, generate, compile, boot, prove against PyTorch, and count."""
    for target in (outputs, json):
        if target is not None:
            check_writable(target)
    for given in (inputs, calibration):
        if given is not None:
            check_arrays(given)
    target_board = load_board(board)
    if cores is not None:
        target_board = target_board.with_cores(cores)
    machine = load_backend(backend or default_backend(target_board))
    tools = load_toolchain(toolchain, target_board.compiler)
    options = RunOptions(parse_options(opt or (), no_opt or ()), ref_only, budget)
    with progress() as report:
        case = resolve_case(model, {"S": s, "E": e, "P": p, "H": h}, calibration, dim, shape)
        many = samples > 1
        chosen = case.samples(samples)
        if inputs is not None:
            chosen, many = samples_from(inputs, case)
        outcome = run_case(case, target_board, machine, tools, chosen, options, report)
    if outputs is not None:
        write_outputs(outputs, case, outcome.outputs, many=many)
    if json is not None:
        outcome.record.save(json)
    _show(outcome)


def _show(outcome: RunOutcome) -> None:
    check = outcome.record.check
    show(run_table(outcome.record))
    if check.doubt is not None:
        show_line(doubt_text(check.doubt, check))
    if check.verdict != "match":
        raise typer.Exit(1)
