"""The plan to build: on a cluster, the cheapest of those the options permit.

A microcontroller with one core wants what takes least memory, and does what the options say. On a
cluster, work in small pieces leaves cores idle, and memory is there to be used: an option that
saves memory is then a permission, and cost decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from generator.errors import FitError
from generator.graph.graph import Graph
from generator.options import ALL, Attention, Options
from generator.passes.pipeline import run_passes
from generator.planning.board import Board
from generator.planning.plan import Plan, make_plan

_SAME_BITS: tuple[Attention, ...] = ("depth-first", "head-streamed")
_CALL = 200
"""Cycles of a call beside its work: parameters, barrier, and the wait for the slowest core."""


def cheapest_plan(
    graph: Graph, board: Board, *, options: Options = ALL, ref_only: bool = False
) -> Plan:
    """Run the passes and plan; see `make_plan` for what is raised.

    The plan's own options say what was chosen.
    """
    if board.cluster is None:
        return make_plan(run_passes(graph, options), board, options=options, ref_only=ref_only)
    plans: list[Plan] = []
    misfit: FitError | None = None
    for variant in _permitted(options):
        try:
            passed = run_passes(graph, variant)
            plans.append(make_plan(passed, board, options=variant, ref_only=ref_only))
        except FitError as error:
            misfit = error
    if not plans:
        assert misfit is not None
        raise misfit
    return min(plans, key=estimated_cycles)


def estimated_cycles(plan: Plan) -> int:
    """Return about how many cycles an inference takes; only their order counts."""
    total = 0
    for step, planned in zip(plan.schedule.steps, plan.steps, strict=True):
        work = planned.kernel.cost_of(planned.call, plan.board.cores)
        total += plan.schedule.executions(step) * (work + _CALL)
    return total


def _permitted(options: Options) -> Iterator[Options]:
    """Yield every choice that saves no more memory than the options do and computes the same.

    Layer-wise attention rounds elsewhere than the others, so it is taken when asked for alone.
    """
    attentions = _SAME_BITS if options.attention in _SAME_BITS[1:] else (options.attention,)
    mlp = sorted({False, options.mlp_streaming})
    conv = sorted({False, options.conv_streaming})
    for attention, streams, strips in product(attentions, mlp, conv):
        yield replace(options, attention=attention, mlp_streaming=streams, conv_streaming=strips)
