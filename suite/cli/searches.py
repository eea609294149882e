"""`tinyrig searches`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.suite.cli.options import progress
from tinyrig.suite.cli.show import show


def searches(
    run: Annotated[
        Path | None,
        typer.Option(help="Make them again in this folder, going on where it stands."),
    ] = None,
) -> None:
    """Compare searches over seeds: the papers', NSGA-II, random, and the papers' ablations."""
    from tinyrig.suite.report.study_table import study_table
    from tinyrig.suite.search.study import kept_results, run_study, the_study

    study = the_study()
    if run is None:
        results = kept_results()
    else:
        with progress() as report:
            results = run_study(study, run, report)
    show(study_table(study, results))
