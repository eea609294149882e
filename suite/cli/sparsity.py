"""`tinyrig sparsity`."""

from __future__ import annotations

from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    DEFAULT_BOARD,
    BoardName,
    ModelOptions,
    SwitchOptions,
    progress,
)
from tinyrig.suite.cli.show import show


@grouped
def sparsity(
    model: ModelOptions, switches: SwitchOptions, board: BoardName = DEFAULT_BOARD
) -> None:
    """Show the zeros of every layer's weights, what each form costs, and what more would buy."""
    from tinyrig.suite.report.sparsity_table import sparsity_table
    from tinyrig.suite.studies.sparsity.layers import sparse_layers

    options = switches.run_options()
    with progress() as report:
        case = model.case().rewritten(options.optimisations)
        report("planning")
        plan = cheapest_plan(
            case.graph,
            load_board(board),
            options=options.optimisations,
            ref_only=options.ref_only,
        )
        layers = list(sparse_layers(plan))
    show(sparsity_table(case.name, board, layers))
