"""`tinyrig pareto`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from markupsafe import Markup

from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    DEFAULT_BACKEND,
    ModelOptions,
    SwitchOptions,
    TargetOptions,
    progress,
)
from tinyrig.suite.cli.show import keep_picture, show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.report.pareto_picture import Other, Spot, pareto_picture
from tinyrig.suite.report.pareto_table import pareto_csv, pareto_table
from tinyrig.suite.report.site.papers import published_cycles
from tinyrig.suite.studies.ablation.published import published_figures
from tinyrig.suite.studies.mlperf.published import published as mlperf
from tinyrig.suite.studies.pareto.measure import Point, measure, unbeaten

_KILO = 1000


@grouped
def pareto(
    model: ModelOptions,
    target: TargetOptions,
    switches: SwitchOptions,
    points: Annotated[int, typer.Option(min=1, help="Plans that are booted, at most.")] = 10,
    svg: Annotated[Path | None, typer.Option(help="Save the frontier as a picture.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Save the frontier's figures.")] = None,
    backend: Annotated[str, typer.Option(help="What boots the firmware.")] = DEFAULT_BACKEND,
) -> None:
    """Show what cycles, RAM and flash can be traded for; each plan booted and proven."""
    check_writable(svg, csv)
    board, tools = target.resolve()
    machine = load_backend(backend)
    options = switches.run_options()
    with progress() as report:
        case = model.case()
        found = unbeaten(list(measure(case, board, machine, tools, options, points, report)))
    title = f"{case.name} on {board.name}: cycles, RAM and flash"
    if csv is not None:
        write_atomic(csv, pareto_csv(found).encode())
    spots, others = [_spot(one) for one in found], _others(case.name, board)
    if svg is not None:
        write_atomic(svg, pareto_picture(spots, others, title).encode())
    keep_picture(lambda: Markup(pareto_picture(spots, others, title, style="")))
    show(pareto_table(found, title))
    if not all(one.proven for one in found):
        raise typer.Exit(1)


def _spot(one: Point) -> Spot:
    return Spot(*one.figures, proven=one.proven, label=one.ways or "as stated")


def _others(model: str, board: Board) -> list[Other]:
    """Return what others published of a model: cycles on the same core, and bytes of RAM."""
    found = [
        Other(f"{one.scheme}, {one.hardware}", cycles=one.cycles)
        for one in published_cycles()
        if one.model == model and one.core == board.core
    ]
    found += [
        Other(f"{one.engine.split(',')[0][:24]} {one.version}", cycles=one.cycles)
        for one in mlperf()
        if one.network == model and one.beside.split(":")[0] == board.name
    ]
    found += [
        Other(f"{one.scheme}, {one.place}", ram=round(_KILO * one.value))
        for one in published_figures(model)
        if one.metric == "peak"
    ]
    return found
