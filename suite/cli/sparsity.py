"""`tinyrig sparsity`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType

from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    DEFAULT_BACKEND,
    ModelOptions,
    SwitchOptions,
    TargetOptions,
    progress,
)
from tinyrig.suite.cli.show import show


@grouped
def sparsity(
    model: ModelOptions,
    switches: SwitchOptions,
    target: TargetOptions,
    run: Annotated[
        bool, typer.Option("--run", help="Run it, and again dense: RAM, flash and cycles of both.")
    ] = False,
) -> None:
    """Show the zeros of every layer's weights, what each form costs, and what more would buy."""
    from tinyrig.suite.report.both_table import both_table
    from tinyrig.suite.report.sparsity_table import sparsity_table
    from tinyrig.suite.studies.sparsity.both import run_both
    from tinyrig.suite.studies.sparsity.layers import sparse_layers

    options = switches.run_options()
    board, tools = target.resolve()
    parts: list[RenderableType] = []
    proven = True
    with progress() as report:
        case = model.case()
        if run:
            machine = load_backend(DEFAULT_BACKEND)
            both = run_both(case, board, machine, tools, case.samples(1), options, report)
            parts.append(both_table(case.name, both))
            proven = both.proven
        else:
            case = case.rewritten(options.optimisations)
            report("planning")
            plan = cheapest_plan(
                case.graph, board, options=options.optimisations, ref_only=options.ref_only
            )
            parts.append(sparsity_table(case.name, board.name, list(sparse_layers(plan))))
    show(*parts)
    if not proven:
        raise typer.Exit(1)
