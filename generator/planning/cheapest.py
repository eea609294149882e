"""The plan to build: on a cluster, the cheapest of those the options permit.

A microcontroller with one core wants what takes least memory, and does what the options say, but
for scratch that has no room. On a cluster, work in small pieces leaves cores idle, and memory is
there to be used: an option that saves memory is then a permission, and cost decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.layout import lay_out
from tinyrig.generator.planning.plan import Plan, PlannedStep, choose_kernels, make_plan
from tinyrig.generator.planning.step import Schedule

_HEADS = (1 << 10, 4, 2, 1)
"""How many heads may run at a time, from all of them on."""

_CALL = 2000
"""Cycles of a call beside its work: parameters, a cold instruction cache, and the barrier."""


@dataclass(frozen=True)
class _Variant:
    """One way to run a model: options, and heads at a time (None: as the options say)."""

    options: Options
    heads: int | None


def cheapest_plan(
    graph: Graph,
    board: Board,
    *,
    options: Options = ALL,
    ref_only: bool = False,
    wide: bool = True,
) -> Plan:
    """Run the passes and plan; see `make_plan` for `wide` and for what is raised.

    The plan's own options say what was chosen.
    """
    passed = run_passes(graph, options)
    if board.cluster is None:
        return _one_core(passed, board, options, ref_only=ref_only, wide=wide)

    def estimate(variant: _Variant) -> int:
        schedule = lay_out(passed, variant.options, variant.heads)
        steps = choose_kernels(
            passed, board, schedule, variant.options, ref_only=ref_only, wide=wide
        )
        return _cycles(schedule, steps, board)

    best: tuple[int, Plan] | None = None
    misfit: FitError | None = None
    for cycles, _, variant in sorted(
        ((estimate(variant), n, variant) for n, variant in enumerate(_permitted(options))),
        key=lambda found: found[:2],
    ):
        if best is not None and cycles >= best[0]:
            break
        try:
            plan = make_plan(
                passed,
                board,
                options=variant.options,
                ref_only=ref_only,
                heads=variant.heads,
                wide=wide,
            )
        except FitError as error:
            misfit = error
            continue
        total = cycles + _waiting(plan)
        if best is None or total < best[0]:
            best = (total, plan)
    if best is None:
        assert misfit is not None
        raise misfit
    return best[1]


def _one_core(graph: Graph, board: Board, options: Options, *, ref_only: bool, wide: bool) -> Plan:
    """Plan as the options say; where large scratch does not fit, without it."""
    try:
        return make_plan(graph, board, options=options, ref_only=ref_only, wide=wide)
    except FitError:
        if not options.large_scratch:
            raise
    small = replace(options, large_scratch=False)
    return make_plan(graph, board, options=small, ref_only=ref_only, wide=wide)


def _cycles(schedule: Schedule, steps: Sequence[PlannedStep], board: Board) -> int:
    """Return about how many cycles the kernels of an inference take."""
    return sum(
        schedule.executions(step) * (planned.kernel.cost_of(planned.call, board.cores) + _CALL)
        for step, planned in zip(schedule.steps, steps, strict=True)
    )


def _waiting(plan: Plan) -> int:
    """Return about how long cores wait for weights that stay in slow memory.

    A word of weights serves sixteen multiplications and takes as many cycles to come.
    """
    assert plan.residents is not None
    outside = plan.residents.outside
    slow = [
        step.macs
        for index, step in enumerate(plan.steps)
        if any(key in outside for key in plan.constants_of(index))
    ]
    return sum(slow) // plan.board.cores


def _permitted(options: Options) -> Iterator[_Variant]:
    """Yield every choice that saves no more memory than the options do and computes the same.

    Layer-wise attention rounds elsewhere than the others, so it is taken when asked for alone.
    """
    heads: Sequence[int | None] = {
        "layerwise": (None,),
        "depth-first": _HEADS[:1],
        "head-streamed": (*_HEADS, None),
    }[options.attention]
    mlp = sorted({False, options.mlp_streaming})
    conv = sorted({False, options.conv_streaming})
    for most, streams, strips in product(heads, mlp, conv):
        attention = "depth-first" if most is not None else options.attention
        chosen = replace(options, mlp_streaming=streams, conv_streaming=strips)
        yield _Variant(replace(chosen, attention=attention), most)
