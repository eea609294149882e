"""The plan for a cluster: work in small pieces leaves cores idle, so fewer and larger calls pay.

Every way the switches permit is weighed with what a call costs beside its work and with what cores
wait for weights that stay in slow memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tinyrig.generator.errors import FitError
from tinyrig.generator.options import Options
from tinyrig.generator.planning.costs import CALL_CYCLES
from tinyrig.generator.planning.limits import check_limits
from tinyrig.generator.planning.plan import Plan, assemble
from tinyrig.generator.planning.search.budget import NO_LIMIT, flash_budget
from tinyrig.generator.planning.search.selection import select
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.streams.ways import Way
from tinyrig.generator.planning.tiling.tiled_plan import Tiling, tiled_plan, tiling

_HEADS = (1 << 16, 4, 2, 1)
"""How many heads may run at a time, from all of them on."""


@dataclass(frozen=True)
class _Variant:
    """One way to run a model: options, and heads at a time (None: as the options say)."""

    options: Options
    heads: int | None


def cluster_plan(space: Space) -> Plan:
    """Return the plan of least cycles, or of least RAM where that is asked for.

    FitError when none fits, or none keeps a limit.
    """
    small = space.options.optimize == "ram"
    every = [_estimated(space, variant) for variant in _permitted(space.options)]
    order = sorted(range(len(every)), key=lambda number: (every[number][0], number))
    best: tuple[int, int, Plan] | None = None
    misfit: FitError | None = None
    for number in order:
        cycles, variant = every[number]
        if best is not None and not small and cycles >= best[0]:
            break
        try:
            plan = _made(space, variant)
            check_limits(space, plan)
        except FitError as error:
            misfit = misfit or error
            continue
        total = cycles + _waiting(plan)
        rank = (plan.clean.size, total) if small else (total, plan.clean.size)
        if best is None or rank < best[:2]:
            best = (*rank, plan)
    if misfit is not None and not (small and best):
        plan = _tiled(space, best[0] if best else None)
        if plan is not None:
            return plan
    if best is None:
        assert misfit is not None
        raise misfit
    return best[2]


def _tiled(space: Space, most: int | None) -> Plan | None:
    """Return the plan that copies tiles to fast memory; None where it takes `most` cycles.

    Chains are not streamed: every layer is tiled by itself.
    """
    found: list[tuple[int, Tiling]] = []
    for variant in _permitted(space.options):
        if variant.options.mlp_streaming or variant.options.conv_streaming or variant.heads is None:
            continue
        own, ways = _space(space, variant)
        made = tiling(own, ways)
        if made is not None:
            calls = sum(made.schedule.executions(step) for step in made.schedule.steps)
            found.append((made.cycles + calls * CALL_CYCLES, made))
    for cycles, made in sorted(found, key=lambda one: one[0]):
        if most is not None and cycles >= most:
            break
        try:
            plan = tiled_plan(made)
            check_limits(space, plan)
        except FitError:
            continue
        return plan
    return None


def _space(space: Space, variant: _Variant) -> tuple[Space, dict[str, Way]]:
    ways = {} if variant.heads is None else {"attention": Way("groups", variant.heads)}
    own = Space(space.graph, space.board, variant.options, space.ref_only, space.wide)
    return own, ways


def _estimated(space: Space, variant: _Variant) -> tuple[int, _Variant]:
    """Return about how many cycles the kernels of an inference take."""
    own, ways = _space(space, variant)
    found = own.laid(ways)
    selection = select(found, NO_LIMIT, flash_budget(own))
    assert selection is not None  # there is no limit of RAM
    calls = sum(found.schedule.executions(step) for step in found.schedule.steps)
    return selection.cycles + calls * CALL_CYCLES, variant


def _made(space: Space, variant: _Variant) -> Plan:
    own, ways = _space(space, variant)
    found = own.laid(ways)
    selection = select(found, NO_LIMIT, flash_budget(own))
    assert selection is not None  # there is no limit of RAM
    return assemble(own, found, selection)


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
