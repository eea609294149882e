"""`tinyrig fit`."""

from __future__ import annotations

import typer

from tinyrig.generator.errors import FitError
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import ModelOptions, SwitchOptions, progress
from tinyrig.suite.cli.show import show
from tinyrig.suite.report.fit_table import fit_table
from tinyrig.suite.rig.sizing import Planner
from tinyrig.suite.studies.fitting import fit_report


@grouped
def fit(model: ModelOptions, switches: SwitchOptions) -> None:
    """Say which boards the model fits, what stops it on the next smaller, and what would help."""
    options = switches.run_options()
    boards = [load_board(name) for name in board_names()]
    with progress() as report:
        case = model.case()
        report("planning for every board")
        found = fit_report(Planner(case), boards, options.optimisations, ref_only=options.ref_only)
    show(fit_table(found, case.name))
    if found.smallest is None:
        raise typer.Exit(FitError.exit_code)
