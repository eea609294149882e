"""Addresses in the arena: buffers that live at the same time never share a byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

ALIGNMENT = 4


@dataclass(frozen=True)
class Buffer:
    """`size` bytes needed from step `first` to step `last`, both included."""

    name: str
    size: int
    first: int
    last: int

    def overlaps(self, other: Buffer) -> bool:
        """True when both are live in some step."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class ArenaPlan:
    """Offset of every buffer, the arena's size in bytes and the planner that found them."""

    offsets: Mapping[str, int]
    size: int
    planner: str


def align(size: int) -> int:
    """Round up to the arena's alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def lower_bound(buffers: Sequence[Buffer]) -> int:
    """Return the most bytes live in one step: no plan can be smaller."""
    steps = {buffer.first for buffer in buffers}
    return max(
        (sum(align(b.size) for b in buffers if b.first <= step <= b.last) for step in steps),
        default=0,
    )


def plan_arena(buffers: Sequence[Buffer], planners: Iterable[str] | None = None) -> ArenaPlan:
    """Return the smallest plan of the named planners (all by default); the first wins ties."""
    names = tuple(PLANNERS) if planners is None else tuple(planners)
    plans = [ArenaPlan(*_measured(buffers, PLANNERS[name](buffers)), name) for name in names]
    return min(plans, key=lambda plan: plan.size)


def _measured(buffers: Sequence[Buffer], offsets: dict[str, int]) -> tuple[Mapping[str, int], int]:
    size = max((offsets[b.name] + align(b.size) for b in buffers), default=0)
    return MappingProxyType(offsets), size


def _lowest_gap(buffer: Buffer, placed: Sequence[tuple[Buffer, int]], floor: int = 0) -> int:
    """Return the lowest offset, at least `floor`, where the buffer meets no live neighbour."""
    size = align(buffer.size)
    offset = floor
    taken = sorted((at, at + align(b.size)) for b, at in placed if b.overlaps(buffer))
    for start, end in taken:
        if offset + size <= start:
            break
        offset = max(offset, end)
    return offset


def _greedy_by_size(buffers: Sequence[Buffer]) -> dict[str, int]:
    """Largest first, each at the lowest offset that is free for its whole life."""
    placed: list[tuple[Buffer, int]] = []
    for buffer in sorted(buffers, key=lambda b: (-b.size, b.first, b.name)):
        placed.append((buffer, _lowest_gap(buffer, placed)))
    return {buffer.name: at for buffer, at in placed}


def _head_tail(buffers: Sequence[Buffer]) -> dict[str, int]:
    """In order of birth, from the bottom and from the top in turn (TinyFormer, memory section).

    The top is the lower bound, raised until everything fits.
    """
    ceiling = lower_bound(buffers)
    ordered = sorted(buffers, key=lambda b: (b.first, -b.size, b.name))
    while True:
        placed: list[tuple[Buffer, int]] = []
        for index, buffer in enumerate(ordered):
            if index % 2 == 0:
                at = _lowest_gap(buffer, placed)
            else:
                at = _highest_gap(buffer, placed, ceiling)
            if at < 0 or at + align(buffer.size) > ceiling:
                break
            placed.append((buffer, at))
        if len(placed) == len(ordered):
            return {buffer.name: at for buffer, at in placed}
        ceiling += max(ALIGNMENT, align(ceiling // 64))


def _highest_gap(buffer: Buffer, placed: Sequence[tuple[Buffer, int]], ceiling: int) -> int:
    mirrored = [(b, ceiling - at - align(b.size)) for b, at in placed]
    return ceiling - _lowest_gap(buffer, mirrored) - align(buffer.size)


def _none(buffers: Sequence[Buffer]) -> dict[str, int]:
    """Every buffer its own place, one after another: what a plan has to beat."""
    offsets: dict[str, int] = {}
    at = 0
    for buffer in buffers:
        offsets[buffer.name] = at
        at += align(buffer.size)
    return offsets


Planner = Callable[[Sequence[Buffer]], dict[str, int]]

PLANNERS: Mapping[str, Planner] = MappingProxyType(
    {"greedy": _greedy_by_size, "head-tail": _head_tail, "none": _none}
)
