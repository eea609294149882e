"""`tinyrig ablate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    DEFAULT_BACKEND,
    ModelOptions,
    RefOnly,
    TargetOptions,
    progress,
)
from tinyrig.suite.cli.show import show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.report.ablation_table import (
    ablation_csv,
    ablation_table,
    allocation_table,
    published_table,
)
from tinyrig.suite.report.waterfall import waterfall
from tinyrig.suite.rig.sizing import Planner
from tinyrig.suite.studies.ablation.measure import Bench, Row, measure
from tinyrig.suite.studies.ablation.published import allocations, beside, published_figures
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
) -> None:
    """Run every optimisation off, alone, left out and on; each proven byte by byte."""
    for path in (csv, svg):
        if path is not None:
            check_writable(path)
    machine = load_backend(backend)
    board, tools = target.resolve()
    with progress() as report:
        case = model.case()
        bench = Bench(case, board, machine, tools, case.samples(samples), ref_only)
        allowed = [variant for variant in variants() if case.allows(variant.options)]
        rows = list(measure(bench, allowed, report))
        figures = beside(published_figures(case.name), Planner(case), board)
    title = f"{case.name} on {board.name}: what each optimisation is worth"
    if csv is not None:
        write_atomic(csv, ablation_csv(rows).encode())
    if svg is not None:
        write_atomic(svg, waterfall(rows, title).encode())
    parts: list[RenderableType] = [ablation_table(rows, title)]
    if figures:
        parts += [published_table(figures), allocation_table(allocations(case, board))]
    show(*parts)
    if any(map(_wrong, rows)):
        raise typer.Exit(1)


def _wrong(row: Row) -> bool:
    return row.record is not None and row.record.check.verdict != "match"
