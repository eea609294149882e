"""`tinyrig sparsity`."""

from __future__ import annotations

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    DEFAULT_BOARD,
    BoardName,
    ModelOptions,
    SwitchOptions,
    progress,
)
from tinyrig.suite.cli.show import show
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.verdict import sample_bytes


@grouped
def sparsity(
    model: ModelOptions, switches: SwitchOptions, board: BoardName = DEFAULT_BOARD
) -> None:
    """Show the zeros of every layer's weights, what each form costs, and what more would buy."""
    from tinyrig.suite.report.sparsity_table import sparsity_table
    from tinyrig.suite.studies.sparsity.layers import sparse_layers

    options = switches.run_options()
    with progress() as report:
        given = model.case()
        case = given.rewritten(options.optimisations)
        sample = sample_bytes(case.graph, case.samples(1)[0])
        report("planning")
        plan, _ = plan_project(
            case.graph,
            load_board(board),
            sample,
            options=options.optimisations,
            ref_only=options.ref_only,
        )
        layers = list(sparse_layers(plan))
    show(sparsity_table(case.name, board, layers))
