"""`tinyrig bisect`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import board_folder
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import default_backend
from tinyrig.suite.bench.job import Job
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    ClusterOptions,
    Dimensions,
    LaneName,
    SwitchOptions,
    TargetOptions,
    progress,
)
from tinyrig.suite.cli.show import show
from tinyrig.suite.gate.bisection import Bisection
from tinyrig.suite.gate.bisection import bisect as search
from tinyrig.suite.gate.bisection_text import bisection_text
from tinyrig.suite.gate.explain import make_report
from tinyrig.suite.gate.git import repository
from tinyrig.suite.gate.judge import judge_results
from tinyrig.suite.gate.metrics import METRICS, Metric
from tinyrig.suite.gate.policy import Policy
from tinyrig.suite.gate.report import GateReport
from tinyrig.suite.models.zoo import load_zoo


@grouped
def bisect(
    good: Annotated[str, typer.Option(help="A commit where the figure is good.")],
    bad: Annotated[str, typer.Option(help="A later commit where it is worse.")],
    model: Annotated[str, typer.Option(help="A model of the zoo.")],
    dims: Dimensions,
    target: TargetOptions,
    switches: SwitchOptions,
    cluster: ClusterOptions,
    backend: LaneName = None,
    metric: Annotated[str, typer.Option(help="The figure that got worse.")] = "cycles",
) -> None:
    """Find the commit that made a figure worse, and the layer; the working tree stays as it is."""
    figure = _metric(metric)
    load_zoo(model, **dims.given())
    board, tools = target.resolve()
    if board_folder(board.name) is None:
        raise InputError(
            f"No commit has the board {target.board}: name one of `tinyrig boards`, which a "
            "folder of TINYRIG_PATH may hold."
        )
    machine = load_backend(backend or default_backend(cluster.of(board)))
    job = Job(
        model=model,
        board=target.board,
        toolchain=tools.name,
        backend=machine.name,
        dims=dims.given(),
        options=switches.job_words(),
        cores=cluster.cores,
        l1=cluster.l1,
        ref_only=switches.ref_only,
    )
    clone = repository(Path.cwd())
    ends = clone.commit(good), clone.commit(bad)
    with progress() as told:
        found = search(clone, figure, job, *ends, told)
        told("explaining")
        report = _explained(found)
    show(bisection_text(found, report))


def _metric(name: str) -> Metric:
    for metric in METRICS:
        if metric == name:
            return metric
    raise InputError(f"There is no metric {name!r}; there are {', '.join(METRICS)}.")


def _explained(found: Bisection) -> GateReport:
    before, after = found.before, found.after
    judged = judge_results(
        {before.result.name: before.result}, {after.result.name: after.result}, Policy()
    )
    return make_report(before.commit.label, after.commit.label, judged, None)
