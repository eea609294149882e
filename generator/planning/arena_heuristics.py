"""Quick ways to place buffers, none of them optimal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tinyrig.generator.planning.buffer import ALIGNMENT, Buffer, Overwrites, align

_Placed = list[tuple[Buffer, int]]


class _Neighbour(NamedTuple):
    """Where a buffer lies that lives at the same time.

    Another may begin `below` bytes or more under its start, or `above` or more over it, as far as
    one may overwrite the other.
    """

    start: int
    end: int
    below: int | None
    above: int | None


def one_after_another(buffers: Sequence[Buffer], _: Overwrites) -> dict[str, int]:
    """Every buffer its own place: what a plan has to beat."""
    offsets: dict[str, int] = {}
    at = 0
    for buffer in buffers:
        offsets[buffer.name] = at
        at += buffer.aligned
    return offsets


def greedy_by_size(buffers: Sequence[Buffer], overwrites: Overwrites) -> dict[str, int]:
    """Largest first, each at the lowest offset that is free for its whole life."""
    placed: _Placed = []
    for buffer in sorted(buffers, key=lambda b: (-b.size, b.first, b.name)):
        placed.append((buffer, _lowest(buffer, placed, overwrites)))
    return {buffer.name: at for buffer, at in placed}


def greedy_by_peak(buffers: Sequence[Buffer], overwrites: Overwrites) -> dict[str, int]:
    """Those of the fullest step first, of these the last to die; each at the lowest free offset."""
    full = {
        step: sum(b.aligned for b in buffers if b.first <= step <= b.last)
        for step in {buffer.first for buffer in buffers}
    }
    most = {b.name: max(full[s] for s in full if b.first <= s <= b.last) for b in buffers}
    placed: _Placed = []
    for buffer in sorted(buffers, key=lambda b: (-most[b.name], -b.last, -b.size, b.name)):
        placed.append((buffer, _lowest(buffer, placed, overwrites)))
    return {buffer.name: at for buffer, at in placed}


def head_tail(buffers: Sequence[Buffer], overwrites: Overwrites) -> dict[str, int]:
    """In order of birth, from the bottom and from the top in turn (TinyFormer, Fig. 6).

    The top starts at the most bytes live at once and rises until everything fits.
    """
    ordered = sorted(buffers, key=lambda b: (b.first, -b.size, b.name))
    ceiling = max((b.aligned for b in buffers), default=0)
    while True:
        placed = _alternated(ordered, overwrites, ceiling)
        if placed is not None:
            return {buffer.name: at for buffer, at in placed}
        ceiling += max(ALIGNMENT, align(ceiling // 64))


def _alternated(ordered: Sequence[Buffer], overwrites: Overwrites, ceiling: int) -> _Placed | None:
    placed: _Placed = []
    for index, buffer in enumerate(ordered):
        choose = _lowest if index % 2 == 0 else _highest
        at = choose(buffer, placed, overwrites, ceiling)
        if at < 0 or at + buffer.aligned > ceiling:
            return None
        placed.append((buffer, at))
    return placed


def _neighbours(buffer: Buffer, placed: _Placed, overwrites: Overwrites) -> list[_Neighbour]:
    return [
        _Neighbour(
            at,
            at + other.aligned,
            overwrites.get((buffer.name, other.name)),
            overwrites.get((other.name, buffer.name)),
        )
        for other, at in placed
        if other.meets(buffer)
    ]


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


def _lowest(buffer: Buffer, placed: _Placed, overwrites: Overwrites, _: int = 0) -> int:
    neighbours = _neighbours(buffer, placed, overwrites)
    candidates = {0, *(one.end for one in neighbours), *_over(neighbours)}
    return next(at for at in sorted(candidates) if _fits(at, buffer.aligned, neighbours))


def _highest(buffer: Buffer, placed: _Placed, overwrites: Overwrites, ceiling: int) -> int:
    neighbours = _neighbours(buffer, placed, overwrites)
    size = buffer.aligned
    starts = [one.start - size for one in neighbours]
    candidates = {ceiling - size, *starts, *_over(neighbours)}
    below = sorted((at for at in candidates if at + size <= ceiling), reverse=True)
    return next((at for at in below if _fits(at, size, neighbours)), -1)
