"""When a storage holds something that is still needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tinyrig.generator.planning.step import Schedule

Span = tuple[int, int]


class _InLoops(Protocol):
    @property
    def loops(self) -> tuple[int, ...]: ...


@dataclass(frozen=True)
class _Access:
    """One step touching a storage; `advancing` are the loops that move the view."""

    index: int
    writes: bool
    advancing: frozenset[int]


def lifetimes(schedule: Schedule) -> dict[str, Span]:
    """Return the (first, last) step in which each RAM storage is live, both included.

    A storage made and used up inside one iteration of a loop lives from its first to its last
    access; anything that comes in, goes out or is carried along lives as long as the loop.
    Model inputs live from step 0 and model outputs past the last step.
    """
    accesses = _accesses(schedule)
    ranges = loop_ranges(schedule.steps)
    spans = {
        name: _span(found, ranges)
        for name, found in accesses.items()
        if schedule.storages[name].in_ram
    }
    for name, (first, last) in _moved(schedule):
        known = spans.get(name, (first, last))
        spans[name] = (min(known[0], first), max(known[1], last))
    for view in schedule.inputs.values():
        if schedule.storages[view.storage].in_ram:
            spans[view.storage] = (0, spans.get(view.storage, (0, 0))[1])
    for view in schedule.outputs.values():
        spans[view.storage] = (spans[view.storage][0], len(schedule.steps))
    return spans


def _moved(schedule: Schedule) -> Iterator[tuple[str, Span]]:
    """Yield the storages of every copy with the steps in which it may be under way."""
    count = len(schedule.steps)
    when = sorted(schedule.transfers)
    for number, index in enumerate(when):
        phases = schedule.transfers[index].phases
        following = when[number + 1] - 1 if number + 1 < len(when) else count
        for move in schedule.transfers[index].leaving:
            yield move.slow, (min(index, count - 1), min(index, count))
            yield move.fast, (index - 1, index - 1)
        for place, moves in enumerate(phases):
            last = following if place + 1 == len(phases) else index
            for move in moves:
                for name in (move.slow, move.fast):
                    yield name, (min(index, count - 1), min(last, count))


def _accesses(schedule: Schedule) -> dict[str, list[_Access]]:
    found: dict[str, list[_Access]] = {}
    for index, step in enumerate(schedule.steps):
        for writes, views in ((False, step.reads), (True, step.writes)):
            for view in views:
                moved = frozenset(loop for loop, _ in view.advances)
                found.setdefault(view.storage, []).append(_Access(index, writes, moved))
    return found


def loop_ranges(steps: Sequence[_InLoops]) -> dict[int, Span]:
    """Return the (first, last) step of each loop, inner loops before outer ones."""
    ranges: dict[int, Span] = {}
    depths: dict[int, int] = {}
    for index, step in enumerate(steps):
        for depth, loop in enumerate(step.loops):
            ranges[loop] = (ranges.get(loop, (index, index))[0], index)
            depths[loop] = depth
    return {loop: ranges[loop] for loop in sorted(ranges, key=lambda loop: -depths[loop])}


def _span(accesses: list[_Access], ranges: dict[int, Span]) -> Span:
    first, last = accesses[0].index, accesses[-1].index
    for loop, (start, end) in ranges.items():
        inside = [access for access in accesses if start <= access.index <= end]
        if not inside:
            continue
        fresh = inside[0].writes and not any(loop in access.advancing for access in inside)
        if not (fresh and len(inside) == len(accesses)):
            first, last = min(first, start), max(last, end)
    return first, last
