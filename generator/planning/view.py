"""Strided views of storages: how a logical tensor lies in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class View:
    """A block of elements at byte `offset` of `storage`; strides in elements.

    Axes of extent 1 may have any stride. `advances` are (loop, bytes): in iteration i of that
    loop the block lies i times as many bytes further. `slack` bytes behind the block belong to
    the storage too: a kernel may read them, whatever they hold.
    """

    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    advances: tuple[tuple[int, int], ...] = ()
    slack: int = 0

    @staticmethod
    def contiguous(storage: str, shape: Sequence[int], order: Sequence[int] | None = None) -> View:
        """Return a dense view whose axes lie in memory in `order` (outermost first)."""
        axes = tuple(order) if order is not None else tuple(range(len(shape)))
        strides = [0] * len(shape)
        step = 1
        for axis in reversed(axes):
            strides[axis] = step
            step *= shape[axis]
        return View(storage, 0, tuple(shape), tuple(strides))

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def is_injective(self) -> bool:
        """True when no two elements are the same byte, so that each can be written on its own.

        Sound for any strides: walked from the smallest on, each must reach past all that the
        smaller ones span. Interleaved axes that happen not to meet are not recognised.
        """
        span = 0
        walked = sorted(
            (abs(stride), extent)
            for extent, stride in zip(self.shape, self.strides, strict=True)
            if extent > 1
        )
        for stride, extent in walked:
            if stride <= span:
                return False
            span += stride * (extent - 1)
        return True

    def fills(self, size: int) -> bool:
        """True when the elements are each byte of a storage of `size` bytes exactly once."""
        return self.size == size and self.is_injective

    def is_row_major(self) -> bool:
        """True when the elements follow each other in logical order without gaps."""
        expected = 1
        for extent, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if extent != 1 and stride != expected:
                return False
            expected *= extent
        return True

    def transposed(self, perm: Sequence[int]) -> View:
        """Return the view whose axis i is this view's axis perm[i]."""
        return replace(
            self,
            shape=tuple(self.shape[axis] for axis in perm),
            strides=tuple(self.strides[axis] for axis in perm),
        )

    def sliced(self, starts: Sequence[int], steps: Sequence[int], shape: Sequence[int]) -> View:
        """Return the view of every `steps[i]`-th element from `starts[i]`, `shape[i]` of them."""
        offset = self.offset + sum(a * b for a, b in zip(starts, self.strides, strict=True))
        strides = tuple(a * b for a, b in zip(steps, self.strides, strict=True))
        return replace(self, offset=offset, shape=tuple(shape), strides=strides)

    def cut(self, axis: int, first: int, count: int) -> View:
        """Return the view of the elements [first, first + count) along an axis."""
        shape = (*self.shape[:axis], count, *self.shape[axis + 1 :])
        return replace(self, offset=self.offset + first * self.strides[axis], shape=shape)

    def reshaped(self, shape: Sequence[int]) -> View | None:
        """Return the view under another shape, or None where strides cannot express it."""
        if math.prod(shape) != math.prod(self.shape):
            raise ValueError(f"cannot reshape {self.shape} to {tuple(shape)}")
        blocks = merge_axes(self.shape, [self.strides])
        strides = [0] * len(shape)
        remaining = [(extent, stride[0]) for extent, stride in blocks]
        extent, stride = remaining.pop() if remaining else (1, 1)
        for axis in range(len(shape) - 1, -1, -1):
            wanted = shape[axis]
            if extent == 1 and wanted != 1 and remaining:
                extent, stride = remaining.pop()
            if wanted == 1:
                strides[axis] = stride
                continue
            if extent % wanted:
                return None
            strides[axis] = stride
            extent //= wanted
            stride *= wanted
        return replace(self, shape=tuple(shape), strides=tuple(strides))

    def rows(self) -> tuple[int, int, int, int] | None:
        """Return (rows, row stride, columns, column stride) with all leading axes merged.

        None when the leading axes do not merge into one stride.
        """
        if not self.shape:
            return (1, 1, 1, 1)
        lead = merge_axes(self.shape[:-1], [self.strides[:-1]])
        if len(lead) > 1:
            return None
        count, strides = lead[0] if lead else (1, (self.shape[-1] * max(self.strides[-1], 1),))
        return (count, strides[0], self.shape[-1], self.strides[-1])

    def matrix(self) -> View:
        """Return the view as [rows, columns]; its leading axes must merge.

        Raises ValueError when they do not.
        """
        rows = self.rows()
        if rows is None:
            raise ValueError(f"the rows of {self.shape} with strides {self.strides} do not merge")
        return View(
            self.storage, self.offset, (rows[0], rows[2]), (rows[1], rows[3]), self.advances
        )


def merge_axes(
    shape: Sequence[int], strides: Sequence[Sequence[int]]
) -> list[tuple[int, tuple[int, ...]]]:
    """Merge neighbouring axes that several operands walk alike.

    `strides` holds one stride list an operand. Returns (extent, stride of each operand) from the
    outermost axis in, without axes of extent 1.
    """
    merged: list[tuple[int, tuple[int, ...]]] = []
    for axis, extent in enumerate(shape):
        if extent == 1:
            continue
        step = tuple(operand[axis] for operand in strides)
        if merged:
            outer_extent, outer = merged[-1]
            if all(a == b * extent for a, b in zip(outer, step, strict=True)):
                merged[-1] = (outer_extent * extent, step)
                continue
        merged.append((extent, step))
    return merged
