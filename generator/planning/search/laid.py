"""A schedule with everything its steps may run: cycles, bytes live in each step, and weights."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.costs import STEP_CYCLES
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.layout import lay_out
from tinyrig.generator.planning.lifetime import Span, lifetimes, loop_ranges
from tinyrig.generator.planning.overwrite import may_overwrite, overwrite_distance
from tinyrig.generator.planning.readings import FlashLines
from tinyrig.generator.planning.search.offer import Offer, Offers
from tinyrig.generator.planning.step import Schedule
from tinyrig.generator.planning.streams.ways import Ways


@dataclass(frozen=True)
class Weighed:
    """A kernel for a step: cycles of all its executions, bytes live with it, bytes of constants.

    `waits` are cycles beside them that the board's flash makes it wait, where they are counted.
    `shared` are bytes that count once because its output may lie over its input, `fetched` those
    of the waits that are for its code, counted or not.
    """

    kernel: Kernel
    cycles: int
    ram: int
    flash: int
    waits: int = 0
    shared: int = 0
    fetched: int = 0

    @property
    def apart(self) -> int:
        """Bytes live with it where its output does not lie over its input."""
        return self.ram + self.shared

    @property
    def price(self) -> int:
        """What choices go by: all cycles that are counted."""
        return self.cycles + self.waits


@dataclass(frozen=True, eq=False)
class Laid:
    """The graph laid out by `ways`.

    `calls` has the first call of every step, `steps` its choices. `shared` has what its weights
    are: steps of the same weights share their bytes where they share their packing; None without.
    """

    ways: Ways
    schedule: Schedule
    calls: tuple[Call, ...]
    steps: tuple[tuple[Weighed, ...], ...]
    shared: tuple[Hashable, ...]

    @property
    def least_ram(self) -> int:
        """The bytes without which a step runs no kernel at all."""
        return max((min(one.ram for one in choices) for choices in self.steps), default=0)

    def preferring(self, names: Collection[str]) -> Laid:
        """Return the same with only kernels of these names in the steps that may run one."""
        steps = tuple(
            tuple(one for one in choices if one.kernel.name in names) or choices
            for choices in self.steps
        )
        return replace(self, steps=steps)

    def below(self, size: int) -> Laid:
        """Return the same with kernels that need less than `size` bytes without overwriting.

        Steps that have none keep theirs.
        """
        steps = tuple(
            tuple(one for one in choices if one.apart < size) or choices for choices in self.steps
        )
        return replace(self, steps=steps)


def laid(
    graph: Graph, options: Options, ways: Ways, offers: Offers, lines: FlashLines | None = None
) -> Laid:
    """Lay a graph out and weigh what every step may run; waits for `lines` are counted."""
    schedule = lay_out(graph, options, ways)
    lives = lifetimes(schedule)
    live = _live(schedule, lives)
    outside = {view.storage for view in schedule.outputs.values()}
    bound = [bind(graph, step) for step in schedule.steps]
    offered = [_offered(offers, calls) for calls in bound]
    waited = _waits(schedule, bound, offered, lines)
    firsts, steps, shared = [], [], []
    for index, step in enumerate(schedule.steps):
        calls = bound[index]
        times, call = schedule.executions(step), calls[0]
        may = options.token_overwriting and not step.loops
        over = may and may_overwrite(call, index, lives, outside)
        saved = [_saved(schedule, call, offer.kernel) if over else 0 for offer in offered[index]]
        choices = [
            Weighed(
                kernel=offer.kernel,
                cycles=(offer.cycles + STEP_CYCLES) * times,
                ram=int(live[index]) + align(offer.scratch) - shared,
                flash=offer.flash * len(calls),
                waits=waits,
                shared=shared,
                fetched=offer.fetched * times,
            )
            for offer, waits, shared in zip(offered[index], waited[index], saved, strict=True)
        ]
        firsts.append(call)
        steps.append(tuple(choices))
        shared.append(_weights_of(calls))
    return Laid(ways, schedule, tuple(firsts), tuple(steps), tuple(shared))


def _offered(offers: Offers, calls: Sequence[Call]) -> tuple[Offer, ...]:
    """Return what may execute the first of a step's calls, with the mean cycles of them all."""
    first, *others = (offers.of(call) for call in calls)
    differing = [found for found in others if found is not first]
    if not differing:
        return first
    named = [{offer.kernel.name: offer.cycles for offer in found} for found in differing]
    return tuple(
        replace(
            offer,
            cycles=(
                offer.cycles * (len(calls) - len(differing))
                + sum(cycles.get(offer.kernel.name, offer.cycles) for cycles in named)
            )
            // len(calls),
        )
        for offer in first
    )


def _waits(
    schedule: Schedule,
    bound: Sequence[Sequence[Call]],
    offered: Sequence[Sequence[Offer]],
    lines: FlashLines | None,
) -> list[list[int]]:
    """Return what each offer of each step waits for the lines of its constants, and its code.

    A loop's steps stay in a cache that has room for the least that each may read.
    """
    if lines is None:
        return [[0] * len(offers) for offers in offered]
    ranges = loop_ranges(schedule.steps)
    least = [
        min(offer.flash for offer in offers) * len(calls)
        for offers, calls in zip(offered, bound, strict=True)
    ]
    found = []
    for index, (step, calls, offers) in enumerate(zip(schedule.steps, bound, offered, strict=True)):
        first, last = ranges[step.loops[0]] if step.loops else (index, index)
        others = sum(least[first : last + 1]) - least[index]
        times, own = schedule.executions(step), len(calls)
        found.append(
            [
                lines.waits(offer.flash, own, others + offer.flash * own, offer.readings, times)
                + offer.fetched * times
                for offer in offers
            ]
        )
    return found


def _live(schedule: Schedule, lives: dict[str, Span]) -> Any:
    """Return the bytes of storages that are live in each step, without scratch."""
    change = np.zeros(len(schedule.steps) + 2, np.int64)
    for name, (first, last) in lives.items():
        size = align(schedule.storages[name].size)
        change[first] += size
        change[min(last, len(schedule.steps)) + 1] -= size
    return np.cumsum(change)


def _saved(schedule: Schedule, call: Call, kernel: Kernel) -> int:
    """Return the bytes that the output of a call may share with its input."""
    distance = overwrite_distance(call, kernel)
    if distance is None:
        return 0
    x, y = call.reads[0], call.writes[0]
    gap = align(distance + y.offset - x.offset)
    before, after = (align(schedule.storages[view.storage].size) for view in (x, y))
    return max(0, after + before - max(before + max(gap, 0), after))


def _weights_of(calls: Sequence[Call]) -> Hashable:
    """Return what tells the weights of calls from others while their graph is there."""
    keys: list[Hashable] = []
    for call in calls:
        weight = call.params.get("weight")
        if not isinstance(weight, Table):
            return None
        values = weight.values
        place = values.__array_interface__["data"][0]
        own = values.base is None and len(calls) > 1
        keys.append(hash(values.tobytes()) if own else (place, values.shape, values.strides))
    return tuple(keys)
