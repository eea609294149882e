"""`tinyrig fit`."""

from __future__ import annotations

import typer

from tinyrig.generator.errors import FitError
from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.suite.cli.options import (
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
    progress,
    resolve_case,
)
from tinyrig.suite.cli.show import show
from tinyrig.suite.report.fit_table import fit_table
from tinyrig.suite.rig.sizing import Planner
from tinyrig.suite.studies.fitting import fit_report


def fit(
    model: Model,
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
    """Say which boards the model fits, what stops it on the next smaller, and what would help."""
    options = parse_options(opt or (), no_opt or ())
    boards = [load_board(name) for name in board_names()]
    with progress() as report:
        case = resolve_case(model, {"S": s, "E": e, "P": p, "H": h}, calibration, dim, shape)
        report("planning for every board")
        found = fit_report(Planner(case), boards, options, ref_only=ref_only)
    show(fit_table(found, case.name))
    if found.smallest is None:
        raise typer.Exit(FitError.exit_code)
