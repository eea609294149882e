"""Quick ways to place buffers, none of them optimal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.planning.buffer import ALIGNMENT, Buffer, Overwrites, align, compatible

_Placed = list[tuple[Buffer, int]]


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


def _fits(buffer: Buffer, at: int, placed: _Placed, overwrites: Overwrites) -> bool:
    return at >= 0 and all(compatible(buffer, at, b, o, overwrites) for b, o in placed)


def _over(buffer: Buffer, placed: _Placed, overwrites: Overwrites) -> Iterator[int]:
    """Offsets that lie over a neighbour as far as allowed."""
    for other, at in placed:
        if (buffer.name, other.name) in overwrites:
            yield at - overwrites[buffer.name, other.name]
        if (other.name, buffer.name) in overwrites:
            yield at + overwrites[other.name, buffer.name]


def _lowest(buffer: Buffer, placed: _Placed, overwrites: Overwrites, _: int = 0) -> int:
    ends = [at + b.aligned for b, at in placed if b.meets(buffer)]
    candidates = {0, *ends, *_over(buffer, placed, overwrites)}
    return min(at for at in candidates if _fits(buffer, at, placed, overwrites))


def _highest(buffer: Buffer, placed: _Placed, overwrites: Overwrites, ceiling: int) -> int:
    starts = [at - buffer.aligned for b, at in placed if b.meets(buffer)]
    candidates = {ceiling - buffer.aligned, *starts, *_over(buffer, placed, overwrites)}
    below = [at for at in candidates if at + buffer.aligned <= ceiling]
    return max((at for at in below if _fits(buffer, at, placed, overwrites)), default=-1)
