"""A view of a slow storage as its copy in fast memory: which bytes are copied, and where to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tinyrig.generator.planning.buffer import ALIGNMENT
from tinyrig.generator.planning.step import Move, Step, Storage
from tinyrig.generator.planning.view import View, merge_axes

_MOST_GAPS = 8
"""A copy in one piece may have one byte in so many that no element has."""

_LEVELS = 2
"""Runs, and the bytes of a run: what one copy of the DMA walks."""


@dataclass(frozen=True)
class Staged:
    """A view in fast memory of `size` bytes, and the copy between it and its slow storage."""

    view: View
    size: int
    move: Move


def copy_of(tile: Step, place: int, storage: Storage, name: str = "") -> Staged | None:
    """Return operand `place` of a part, the output last, as its copy in a fast storage `name`.

    None where one copy cannot make it, and in loops, around which nothing is copied.
    """
    views = (*tile.reads, *tile.writes)
    if tile.loops or not storage.in_ram:
        return None
    return staged(views[place], storage, name, inward=place < len(tile.reads))


def staged(view: View, storage: Storage, name: str, *, inward: bool) -> Staged | None:
    """Return a view's copy in a fast storage `name`; None where one copy cannot make it.

    What is written is copied as runs without a gap. What is read keeps its strides where it is
    one run, or nearly: alignment, and what a kernel may read behind rows, stay as they are.
    """
    axes = sorted(
        (-stride, extent, axis)
        for axis, (extent, stride) in enumerate(zip(view.shape, view.strides, strict=True))
        if extent > 1 and stride
    )
    if view.advances or storage.item > 1 or any(step > 0 for step, _, _ in axes):
        return None
    merged = merge_axes([e for _, e, _ in axes], [[-step for step, _, _ in axes]])
    levels = [(extent, steps[0]) for extent, steps in merged]
    end = view.offset + sum((extent - 1) * step for extent, step in levels) + 1
    elements = 1
    for extent, _ in levels:
        elements *= extent
    if inward and (end - view.offset) * (_MOST_GAPS - 1) <= elements * _MOST_GAPS:
        return _whole(view, storage, name, end)
    if not levels or levels[-1][1] != 1 or len(levels) > _LEVELS or not _apart(levels):
        return None
    runs, stride = levels[0] if len(levels) == _LEVELS else (1, 0)
    length = levels[-1][0]
    strides = list(view.strides)
    step = 1
    for _, extent, axis in reversed(axes):
        strides[axis] = step
        step *= extent
    fast = replace(view, storage=name, offset=0, strides=tuple(strides))
    move = Move(storage.name, view.offset, name, 0, runs, length, stride, inward)
    return Staged(fast, runs * length + view.slack, move)


def _whole(view: View, storage: Storage, name: str, end: int) -> Staged:
    """One run from a word's start on, with what lies behind it up to a whole unit."""
    start = view.offset // ALIGNMENT * ALIGNMENT
    end = min(-(-end // (2 * ALIGNMENT)) * 2 * ALIGNMENT + view.slack, storage.size)
    fast = replace(view, storage=name, offset=view.offset - start)
    move = Move(storage.name, start, name, 0, 1, end - start, 0, inward=True)
    return Staged(fast, end - start + view.slack, move)


def _apart(levels: list[tuple[int, int]]) -> bool:
    return len(levels) < _LEVELS or levels[0][1] >= levels[1][0]
