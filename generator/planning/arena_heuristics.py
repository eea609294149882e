"""Quick ways to place buffers, none of them optimal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tinyrig.generator.planning.buffer import ALIGNMENT, Buffer, Overwrites, align, peak

_PROMOTIONS = 16
"""How often buffers that lie too high are placed before the others."""

_SHORT = 4
"""Steps up to which a buffer of a part lives."""


class _Neighbour(NamedTuple):
    """Where a buffer lies that lives at the same time.

    Another may begin `below` bytes or more under its start, or `above` or more over it, as far as
    one may overwrite the other.
    """

    start: int
    end: int
    below: int | None
    above: int | None


class _Shelf:
    """Buffers that have addresses, by the steps they live in: most live in few of many."""

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}
        self._live: dict[int, list[Buffer]] = defaultdict(list)

    def put(self, buffer: Buffer, at: int) -> None:
        """Give a buffer its address."""
        self.offsets[buffer.name] = at
        for step in range(buffer.first, buffer.last + 1):
            self._live[step].append(buffer)

    def neighbours(self, buffer: Buffer, overwrites: Overwrites) -> list[_Neighbour]:
        """Return where those lie that live at the same time."""
        steps = range(buffer.first, buffer.last + 1)
        met = {other.name: other for step in steps for other in self._live.get(step, ())}
        return [
            _Neighbour(
                at := self.offsets[name],
                at + other.aligned,
                overwrites.get((buffer.name, name)),
                overwrites.get((name, buffer.name)),
            )
            for name, other in met.items()
        ]


def one_after_another(buffers: Sequence[Buffer], _: Overwrites) -> dict[str, int]:
    """Every buffer its own place: what a plan has to beat."""
    offsets: dict[str, int] = {}
    at = 0
    for buffer in buffers:
        at = align(at, buffer.alignment)
        offsets[buffer.name] = at
        at += buffer.aligned
    return offsets


def greedy_by_size(buffers: Sequence[Buffer], overwrites: Overwrites) -> dict[str, int]:
    """Largest first, each at the lowest offset that is free for its whole life."""
    return _in_order(sorted(buffers, key=_by_size), overwrites)


def greedy_by_peak(buffers: Sequence[Buffer], overwrites: Overwrites) -> dict[str, int]:
    """Those of the fullest step first, of these the last to die; each at the lowest free offset."""
    full = {
        step: sum(b.aligned for b in buffers if b.first <= step <= b.last)
        for step in {buffer.first for buffer in buffers}
    }
    most = {b.name: max(full[s] for s in full if b.first <= s <= b.last) for b in buffers}
    ordered = sorted(buffers, key=lambda b: (-most[b.name], -b.last, -b.size, b.name))
    return _in_order(ordered, overwrites)


def greedy_by_turns(
    buffers: Sequence[Buffer], overwrites: Overwrites, bound: int
) -> dict[str, int]:
    """The best of a few orders, down to `bound` bytes; for more buffers than a search can place.

    Those of parts in turn lie best in order of birth, behind what lives longer. Buffers that lie
    over the bound are placed earlier the next time.
    """
    best: dict[str, int] = {}
    for order in (_by_birth, _by_size):
        turns = dict.fromkeys((buffer.name for buffer in buffers), 0)
        for _ in range(_PROMOTIONS):
            ordered = sorted(buffers, key=lambda b: (-turns[b.name], *order(b)))
            found = _in_order(ordered, overwrites)
            if not best or peak(buffers, found) < peak(buffers, best):
                best = found
            over = [b.name for b in buffers if found[b.name] + b.aligned > bound]
            if not over:
                return found
            for name in over:
                turns[name] += 1
    return best


def _by_size(buffer: Buffer) -> tuple[int | str, ...]:
    return -buffer.size, buffer.first, buffer.name


def _by_birth(buffer: Buffer) -> tuple[int | str, ...]:
    lives = buffer.last - buffer.first
    return -lives if lives > _SHORT else 0, buffer.first, *_by_size(buffer)


def _in_order(ordered: Sequence[Buffer], overwrites: Overwrites) -> dict[str, int]:
    """Each at the lowest offset that is free for its whole life."""
    shelf = _Shelf()
    for buffer in ordered:
        shelf.put(buffer, _lowest(buffer, shelf, overwrites))
    return shelf.offsets


def head_tail(buffers: Sequence[Buffer], overwrites: Overwrites) -> dict[str, int]:
    """In order of birth, from the bottom and from the top in turn (TinyFormer, Fig. 6).

    The top starts at the most bytes live at once and rises until everything fits.
    """
    ordered = sorted(buffers, key=lambda b: (b.first, -b.size, b.name))
    ceiling = max((b.aligned for b in buffers), default=0)
    while True:
        placed = _alternated(ordered, overwrites, ceiling)
        if placed is not None:
            return placed
        ceiling += max(ALIGNMENT, align(ceiling // 64))


def _alternated(
    ordered: Sequence[Buffer], overwrites: Overwrites, ceiling: int
) -> dict[str, int] | None:
    shelf = _Shelf()
    for index, buffer in enumerate(ordered):
        choose = _lowest if index % 2 == 0 else _highest
        at = choose(buffer, shelf, overwrites, ceiling)
        if at < 0 or at + buffer.aligned > ceiling:
            return None
        shelf.put(buffer, at)
    return shelf.offsets


def _fits(at: int, size: int, neighbours: Sequence[_Neighbour]) -> bool:
    return at >= 0 and all(
        at + size <= start
        or end <= at
        or (below is not None and start - at >= below)
        or (above is not None and at - start >= above)
        for start, end, below, above in neighbours
    )


def _over(neighbours: Sequence[_Neighbour]) -> Iterator[int]:
    """Offsets that lie over a neighbour as far as allowed."""
    for start, _, below, above in neighbours:
        if below is not None:
            yield start - below
        if above is not None:
            yield start + above


def _lowest(buffer: Buffer, shelf: _Shelf, overwrites: Overwrites, _: int = 0) -> int:
    neighbours = shelf.neighbours(buffer, overwrites)
    ends = {0, *(one.end for one in neighbours), *_over(neighbours)}
    candidates = {align(at, buffer.alignment) for at in ends}
    return next(at for at in sorted(candidates) if _fits(at, buffer.aligned, neighbours))


def _highest(buffer: Buffer, shelf: _Shelf, overwrites: Overwrites, ceiling: int) -> int:
    neighbours = shelf.neighbours(buffer, overwrites)
    size = buffer.aligned
    starts = [one.start - size for one in neighbours]
    ends = {ceiling - size, *starts, *_over(neighbours)}
    candidates = {at // buffer.alignment * buffer.alignment for at in ends}
    below = sorted((at for at in candidates if at + size <= ceiling), reverse=True)
    return next((at for at in below if _fits(at, size, neighbours)), -1)
