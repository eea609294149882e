"""The plan of a model that fast memory holds in parts alone: what lies where, and the tiles."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tinyrig.generator.errors import FitError
from tinyrig.generator.planning.board import ARENA_ALIGNMENT
from tinyrig.generator.planning.lifetime import lifetimes
from tinyrig.generator.planning.plan import Plan, assemble
from tinyrig.generator.planning.search.laid import Laid
from tinyrig.generator.planning.search.selection import Selection
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.step import Schedule
from tinyrig.generator.planning.streams.ways import Ways
from tinyrig.generator.planning.tiling.choose import Chosen, choose
from tinyrig.generator.planning.tiling.options import Choice, Weighed, all_choices
from tinyrig.generator.planning.tiling.rewrite import tiled_schedule

_TRIES = 6

_FEWER, _FINER = 16, 128
"""Shares of the room that are taken from it where nothing fits, and where some weights do not."""


@dataclass(frozen=True, eq=False)
class Tiling:
    """A schedule with the choices of its steps; what was chosen for all the room there is."""

    space: Space
    ways: Ways
    schedule: Schedule
    steps: tuple[tuple[Choice, ...], ...]
    room: int
    chosen: Chosen

    @property
    def cycles(self) -> int:
        """About how long an inference takes, without what every call costs beside its work."""
        return self.chosen.cycles


def tiling(space: Space, ways: Ways, weighed: Weighed) -> Tiling | None:
    """Return the choice of least cycles for a space; None where none fits its fast memory.

    What is weighed is kept in `weighed`, which spaces of one graph and board may share.
    """
    schedule = space.laid(ways).schedule
    region = space.board.layout.arena_regions[0]
    room = space.board.arena_capacity(region) - ARENA_ALIGNMENT
    steps = all_choices(space.graph, schedule, space.offers, room, weighed)
    if not space.options.token_overwriting:
        steps = tuple(tuple(replace(one, over=0) for one in offered) for offered in steps)
    chosen = choose(steps, schedule.storages, lifetimes(schedule), room)
    if chosen is None:
        return None
    return Tiling(space, ways, schedule, steps, room, chosen)


def tiled_plan(tiling: Tiling) -> Plan:
    """Place everything. Where addresses need more than is live, less is asked for.

    FitError when that does not help.
    """
    chosen: Chosen | None = tiling.chosen
    room = tiling.room
    best: tuple[int, Plan] | None = None
    misfit: FitError | None = None
    for _ in range(_TRIES):
        if chosen is None or (best is not None and chosen.cycles >= best[0]):
            break
        less = tiling.room // _FEWER
        try:
            plan = _placed(tiling, chosen)
        except FitError as error:
            misfit = error
        else:
            less = tiling.room // _FINER
            waited = _left_outside(plan, chosen)
            if best is None or chosen.cycles + waited < best[0]:
                best = chosen.cycles + waited, plan
            if not waited:
                break
        room -= less
        lives = lifetimes(tiling.schedule)
        chosen = choose(tiling.steps, tiling.schedule.storages, lives, room)
    if best is None:
        assert misfit is not None  # the first try was chosen
        raise misfit
    return best[1]


def _left_outside(plan: Plan, chosen: Chosen) -> int:
    """Return the cycles for weights that were to be copied, and for which there was no room."""
    assert plan.residents is not None
    outside = plan.residents.outside
    left = {
        layer
        for index, layer in enumerate(plan.schedule.parts)
        if chosen.loads[layer].first.weights
        and not outside.keys().isdisjoint(plan.constants_of(index))
    }
    return sum(chosen.choices[layer].constants.slow for layer in left)


def _placed(tiling: Tiling, chosen: Chosen) -> Plan:
    schedule, kernels = tiled_schedule(tiling.schedule, chosen)
    found = Laid(tiling.ways, schedule, (), (), ())
    selection = Selection(kernels, cycles=chosen.cycles, ram=0, flash=0)
    return assemble(tiling.space, found, selection)
