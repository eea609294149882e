"""Strips: which rows of every layer a few rows at the end of a chain of windows need.

A "row" is one position along axis 2: an image row of [N, C, H, W], a column of [N, C, W].
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.graph.ops import Window

AXIS = 2


@dataclass(frozen=True)
class Rows:
    """Rows [start, stop) of a tensor."""

    start: int
    stop: int

    @property
    def count(self) -> int:
        """Number of rows."""
        return self.stop - self.start


@dataclass(frozen=True)
class Strip:
    """One part of a chain: the rows of its input and of every layer's output, and the pads.

    `rows[0]` are rows of the input, `rows[i + 1]` of layer i's output; `pads[i]` are the
    (before, after) cells that layer i has to pad along the axis in this strip.
    """

    rows: tuple[Rows, ...]
    pads: tuple[tuple[int, int], ...]

    def shape(self) -> tuple[object, ...]:
        """What two strips must share to be executed by one loop body."""
        return (tuple(rows.count for rows in self.rows), self.pads)


@dataclass(frozen=True)
class Run:
    """`count` strips of equal shape; the input moves by `step_in` rows, the output by its own.

    `number` is that of the first one.
    """

    first: Strip
    count: int
    step_in: int
    number: int = 0


def strips(windows: Sequence[Window], side: int, extents: Sequence[int], size: int) -> list[Strip]:
    """Return the strips of `size` output rows.

    `side` says which of a window's (height, width) runs along the axis; `extents[i]` is the
    extent of layer i's input, the last one that of the chain's output.
    """
    total = extents[-1]
    return [
        _strip(windows, side, extents, Rows(start, min(start + size, total)))
        for start in range(0, total, size)
    ]


def strip(window: Window, side: int, extent: int, rows: Rows) -> Strip:
    """Return the strip of one layer, on an input of `extent` rows, that makes some of its rows."""
    return _strip([window], side, [extent, 0], rows)


def _strip(windows: Sequence[Window], side: int, extents: Sequence[int], last: Rows) -> Strip:
    rows, pads = [last], list[tuple[int, int]]()
    for window, extent in zip(reversed(windows), reversed(extents[:-1]), strict=True):
        kernel, stride, pad = window.kernel[side], window.strides[side], window.pads[side]
        start = rows[0].start * stride - pad
        stop = (rows[0].stop - 1) * stride - pad + kernel
        rows.insert(0, Rows(max(start, 0), min(stop, extent)))
        pads.insert(0, (max(-start, 0), max(stop - extent, 0)))
    return Strip(tuple(rows), tuple(pads))


def padded(window: Window, side: int, pads: tuple[int, int]) -> Window:
    """Return the window with other pads along the streamed axis."""
    changed = list(window.pads)
    changed[side], changed[side + 2] = pads
    return replace(window, pads=(changed[0], changed[1], changed[2], changed[3]))


def runs(parts: Sequence[Strip], keys: Sequence[object] | None = None) -> Iterator[Run]:
    """Group neighbouring strips that one loop body can execute; `keys` must be alike too."""
    index = 0
    while index < len(parts):
        first, count, step = parts[index], 1, 0
        while index + count < len(parts):
            following = parts[index + count]
            moved = following.rows[0].start - parts[index + count - 1].rows[0].start
            if following.shape() != first.shape() or (step and moved != step):
                break
            if keys is not None and keys[index + count] != keys[index]:
                break
            step, count = moved, count + 1
        yield Run(first, count, step, index)
        index += count
