"""Addresses in the arena: buffers that live at the same time share no byte they both need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType

from tinyrig.generator.planning.arena_heuristics import (
    greedy_by_size,
    greedy_by_turns,
    head_tail,
    one_after_another,
)
from tinyrig.generator.planning.arena_optimal import optimal
from tinyrig.generator.planning.buffer import Buffer, Offsets, Overwrites, peak


@dataclass(frozen=True)
class ArenaPlan:
    """Offset of every buffer, the arena's size in bytes and the planner that found them.

    `lower_bound` is proven: no addresses for these buffers need less.
    """

    offsets: Mapping[str, int]
    size: int
    planner: str
    lower_bound: int


Planner = Callable[[Sequence[Buffer], Overwrites], Offsets]

PLANNERS: Mapping[str, Planner] = MappingProxyType(
    {"greedy": greedy_by_size, "head-tail": head_tail, "none": one_after_another}
)
_PARTS_SECONDS = 0.25
_HEURISTICS = ("greedy", "head-tail")


def live_bound(buffers: Sequence[Buffer], overwrites: Overwrites) -> int:
    """Return the most bytes any step must hold at once, counting what may be overwritten."""
    changes: Counter[int] = Counter()
    named = {buffer.name: buffer for buffer in buffers}
    for buffer in buffers:
        changes[buffer.first] += buffer.aligned
        changes[buffer.last + 1] -= buffer.aligned
    for (writer, reader), distance in overwrites.items():
        if writer not in named or reader not in named or not named[writer].meets(named[reader]):
            continue
        y, x = named[writer], named[reader]
        over = max(x.aligned + max(distance, 0), y.aligned)
        saved = max(0, y.aligned + x.aligned - over)
        changes[max(y.first, x.first)] -= saved
        changes[min(y.last, x.last) + 1] += saved
    return max(accumulate(changes[step] for step in sorted(changes)), default=0)


def plan_arena(
    buffers: Sequence[Buffer], overwrites: Overwrites, planner: str = "optimal"
) -> ArenaPlan:
    """Return addresses by one planner, or, for `optimal`, the smallest that can be found.

    `optimal` takes the better heuristic where it meets the lower bound, and searches with
    CP-SAT where it does not.
    """
    bound = live_bound(buffers, overwrites)
    if planner != "optimal":
        offsets = PLANNERS[planner](buffers, overwrites)
        return ArenaPlan(MappingProxyType(offsets), peak(buffers, offsets), planner, bound)
    plans = []
    for name in _HEURISTICS:
        plans.append(plan_arena(buffers, overwrites, name))
        if plans[-1].size <= bound:
            return plans[-1]
    best = min(plans, key=lambda plan: plan.size)
    found = optimal(buffers, overwrites, best.offsets, bound)
    size = peak(buffers, found.offsets)
    if size >= best.size:
        return ArenaPlan(best.offsets, best.size, best.planner, found.lower_bound)
    return ArenaPlan(MappingProxyType(found.offsets), size, "optimal", found.lower_bound)


def plan_parts(buffers: Sequence[Buffer], overwrites: Overwrites, room: int) -> ArenaPlan:
    """Return addresses for the buffers of many parts, of which the search would take too long.

    It is asked where those found are over `room` bytes, and only for what that has room for.
    """
    bound = live_bound(buffers, overwrites)
    offsets: Offsets = greedy_by_turns(buffers, overwrites, bound)
    planner = "greedy"
    if bound <= room < peak(buffers, offsets):
        found = optimal(buffers, overwrites, offsets, room, seconds=_PARTS_SECONDS)
        offsets, planner = found.offsets, "optimal"
    return ArenaPlan(MappingProxyType(dict(offsets)), peak(buffers, offsets), planner, bound)
