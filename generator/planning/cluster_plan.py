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
from tinyrig.generator.planning.flash import FlashNeeds, weights_region
from tinyrig.generator.planning.limits import check_limits
from tinyrig.generator.planning.plan import Plan, assemble
from tinyrig.generator.planning.search.budget import NO_LIMIT, flash_budget, sample_bytes
from tinyrig.generator.planning.search.laid import Laid
from tinyrig.generator.planning.search.selection import Selection, select
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.streams.find import find_sites
from tinyrig.generator.planning.streams.ways import Way, Ways, kind_of
from tinyrig.generator.planning.tiling.held import slow_cycles
from tinyrig.generator.planning.tiling.options import Weighed
from tinyrig.generator.planning.tiling.tiled_plan import Tiling, tiled_plan, tiling

_HEADS = (1 << 16, 4, 2, 1)
"""How many heads may run at a time, from all of them on."""

_WORTH = 1.05
"""How many times the cycles of tiles a plan that fits must be estimated to take."""


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
    every = [_estimated(_laid_out(space, variant)) for variant in _permitted(space)]
    _check_weights(space, min(one.selection.flash for _, one in every))
    order = sorted(range(len(every)), key=lambda number: (every[number][0], number))
    best: tuple[int, int, Plan] | None = None
    misfit: FitError | None = None
    slow = False
    for number in order:
        cycles, variant = every[number]
        if best is not None and not small and cycles >= best[0]:
            break
        try:
            plan = _made(variant)
            check_limits(space, plan)
        except FitError as error:
            misfit = misfit or error
            continue
        slow = slow or bool(plan.residents and plan.residents.outside)
        total = cycles + _waiting(plan)
        rank = (plan.clean.size, total) if small else (total, plan.clean.size)
        if best is None or rank < best[:2]:
            best = (*rank, plan)
    if (misfit is not None or slow) and not (small and best):
        ordered = [every[number] for number in order]
        tiled = _tiled(space, ordered, best[0] if best else None)
        if tiled is not None:
            return tiled
    if best is None:
        assert misfit is not None
        raise misfit
    return best[2]


def _check_weights(space: Space, least: int) -> None:
    """Raise FitError where slow memory does not even hold the constants, `least` bytes."""
    needs = FlashNeeds(least, 0, sample_bytes(space.graph))
    weights_region(space.graph.name, space.board, needs)


def _tiled(space: Space, every: Sequence[tuple[int, _LaidOut]], most: int | None) -> Plan | None:
    """Return the plan that copies tiles to fast memory; None where it takes `most` cycles.

    Chains are not streamed: every layer is tiled by itself. `every` begins with the fewest cycles,
    of which tiles take no fewer.
    """
    found: list[tuple[int, Tiling]] = []
    seen: set[tuple[str, ...]] = set()
    weighed: Weighed = {}
    for least, one in every:
        if any(cycles <= least for cycles, _ in found):
            break
        options, steps = one.space.options, one.found.schedule.steps
        names = tuple(step.name for step in steps)
        streams = options.mlp_streaming or options.conv_streaming or one.variant.heads is None
        if streams or names in seen:
            continue
        seen.add(names)
        made = tiling(one.space, one.ways, weighed)
        if made is not None:
            calls = sum(made.schedule.executions(step) for step in steps)
            found.append((made.cycles + calls * CALL_CYCLES, made))
    for cycles, made in sorted(found, key=lambda one: one[0]):
        if most is not None and cycles * _WORTH >= most:
            break
        try:
            plan = tiled_plan(made)
            check_limits(space, plan)
        except FitError:
            continue
        return plan
    return None


@dataclass(frozen=True, eq=False)
class _LaidOut:
    """A variant with its space, the ways of its sites, its steps and their kernels."""

    variant: _Variant
    space: Space
    ways: Ways
    found: Laid
    selection: Selection


def _laid_out(space: Space, variant: _Variant) -> _LaidOut:
    ways = {} if variant.heads is None else {"attention": Way("groups", variant.heads)}
    own = replace(space, options=variant.options, _laid={})
    found = own.laid(ways)
    selection = select(found, NO_LIMIT, flash_budget(own))
    assert selection is not None  # there is no limit of RAM
    return _LaidOut(variant, own, ways, found, selection)


def _estimated(laid_out: _LaidOut) -> tuple[int, _LaidOut]:
    """Return about how many cycles the kernels of an inference take."""
    schedule = laid_out.found.schedule
    calls = sum(schedule.executions(step) for step in schedule.steps)
    return laid_out.selection.cycles + calls * CALL_CYCLES, laid_out


def _made(laid_out: _LaidOut) -> Plan:
    return assemble(laid_out.space, laid_out.found, laid_out.selection)


def _waiting(plan: Plan) -> int:
    """Return about how long cores wait for weights that stay in slow memory."""
    assert plan.residents is not None
    outside = plan.residents.outside
    return sum(
        slow_cycles(step.call, step.kernel, step.macs, plan.board.cores)
        for index, step in enumerate(plan.steps)
        if any(key in outside for key in plan.constants_of(index))
    )


def _permitted(space: Space) -> Iterator[_Variant]:
    """Yield every choice that saves no more memory than the options do and computes the same.

    Layer-wise attention rounds elsewhere than the others, so it is taken when asked for alone.
    What a graph has no site for is not chosen.
    """
    options = space.options
    sites = find_sites(space.graph, options, {})
    kinds = {kind_of(site) for site, _ in sites.streams}
    attends = "attention" in map(kind_of, sites.nodes.values())
    heads: Sequence[int | None] = {
        "layerwise": (None,),
        "depth-first": _HEADS[:1],
        "head-streamed": (*_HEADS, None) if attends else _HEADS[:1],
    }[options.attention]
    mlp = sorted({False, options.mlp_streaming and "tokens" in kinds})
    conv = sorted({False, options.conv_streaming and "windows" in kinds})
    for most, streams, strips in product(heads, mlp, conv):
        attention = "depth-first" if most is not None else options.attention
        chosen = replace(options, mlp_streaming=streams, conv_streaming=strips)
        yield _Variant(replace(chosen, attention=attention), most)
