"""`tinyrig ablate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from markupsafe import Markup
from rich.console import RenderableType

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.cheapest import permits
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    DEFAULT_BACKEND,
    ModelOptions,
    RefOnly,
    TargetOptions,
    progress,
)
from tinyrig.suite.cli.show import keep_picture, show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.models.case import Case
from tinyrig.suite.report.ablation_table import (
    WATERFALL,
    ablation_csv,
    ablation_table,
    allocation_table,
    published_table,
)
from tinyrig.suite.report.waterfall import waterfall
from tinyrig.suite.rig.sizing import Planner
from tinyrig.suite.studies.ablation.measure import Bench, Row, measure
from tinyrig.suite.studies.ablation.published import (
    LATENCY,
    Beside,
    allocations,
    beside,
    published_figures,
    timed,
)
from tinyrig.suite.studies.ablation.variants import variants


@grouped
def ablate(
    model: ModelOptions,
    target: TargetOptions,
    csv: Annotated[Path | None, typer.Option(help="Save every variant's figures.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Save the waterfall chart.")] = None,
    backend: Annotated[str, typer.Option(help="What boots the firmware.")] = DEFAULT_BACKEND,
    samples: Annotated[int, typer.Option(min=1, help="Seeded inputs to check.")] = 1,
    ref_only: RefOnly = False,
    whole: Annotated[
        bool,
        typer.Option("--all", help="Show every setting, and the papers' arena step by step."),
    ] = False,
    planned: Annotated[
        bool, typer.Option("--planned", help="Only the papers' figures beside plans, nothing run.")
    ] = False,
) -> None:
    """Run every optimisation off, alone, left out and on; each proven byte by byte."""
    check_writable(csv, svg)
    machine = load_backend(backend)
    board, tools = target.resolve()
    with progress() as report:
        case = model.case()
        report("planning as the papers do")
        figures = beside(published_figures(case.name), Planner(case), board)
        allowed = [
            one for one in variants() if case.allows(one.options) and permits(board, one.options)
        ]
        bench = Bench(case, board, machine, tools, case.samples(samples), ref_only)
        rows = [] if planned else list(measure(bench, allowed, report))
    if planned:
        _show_planned(case, figures)
        return
    title = f"{case.name} on {board.name}: what each optimisation is worth"
    if csv is not None:
        write_atomic(csv, ablation_csv(rows).encode())
    if svg is not None:
        write_atomic(svg, waterfall(rows, title).encode())
    keep_picture(lambda: Markup(waterfall(rows, title, style="")))
    parts: list[RenderableType] = [ablation_table(rows, title, None if whole else WATERFALL)]
    if figures:
        parts.append(published_table(timed(figures, _seconds(rows, board))))
    if figures and whole:
        parts.append(allocation_table(allocations(case, board)))
    show(*parts)
    if any(map(_wrong, rows)):
        raise typer.Exit(1)


def _show_planned(case: Case, figures: Sequence[Beside]) -> None:
    if not figures:
        raise InputError(f"The papers print no memory of {case.name}, so nothing is beside it.")
    show(published_table([one for one in figures if one.published.metric != LATENCY]))


def _seconds(rows: Sequence[Row], board: Board) -> float | None:
    """Return how long the plan that is taken needs on the board at its product's clock."""
    found = rows[-1].on_board
    point = board.operating_point
    return None if found is None or point is None else found.value / (1e6 * point.clock_mhz)


def _wrong(row: Row) -> bool:
    return row.record is not None and row.record.check.verdict != "match"
