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
from tinyrig.generator.planning.lifetime import Span, lifetimes
from tinyrig.generator.planning.overwrite import may_overwrite, overwrite_distance
from tinyrig.generator.planning.search.offer import Offers
from tinyrig.generator.planning.step import Schedule
from tinyrig.generator.planning.streams.ways import Ways


@dataclass(frozen=True)
class Weighed:
    """A kernel for a step: cycles of all its executions, bytes live with it, bytes of constants."""

    kernel: Kernel
    cycles: int
    ram: int
    flash: int


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


def laid(graph: Graph, options: Options, ways: Ways, offers: Offers) -> Laid:
    """Lay a graph out and weigh what every step may run."""
    schedule = lay_out(graph, options, ways)
    lives = lifetimes(schedule)
    live = _live(schedule, lives)
    outside = {view.storage for view in schedule.outputs.values()}
    firsts, steps, shared = [], [], []
    for index, step in enumerate(schedule.steps):
        calls = bind(graph, step)
        times, call = schedule.executions(step), calls[0]
        may = options.token_overwriting and not step.loops
        over = may and may_overwrite(call, index, lives, outside)
        choices = [
            Weighed(
                kernel=offer.kernel,
                cycles=(offer.cycles + STEP_CYCLES) * times,
                ram=int(live[index])
                + align(offer.scratch)
                - (_saved(schedule, call, offer.kernel) if over else 0),
                flash=offer.flash * len(calls),
            )
            for offer in offers.of(call)
        ]
        firsts.append(call)
        steps.append(tuple(choices))
        shared.append(_weights_of(calls))
    return Laid(ways, schedule, tuple(firsts), tuple(steps), tuple(shared))


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
