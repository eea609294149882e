"""Which bytes a call reads and writes: blocks by the fields of its parameters, as C walks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SUM_BYTES = 4


@dataclass(frozen=True, eq=False)
class Block:
    """Bytes at an operand's address: extents and strides in bytes, outermost first.

    `index` replaces the steps of axis 1: its entries are multiplied with the stride.
    `item` is how many bytes, the last axis, are one element.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    index: NDArray[np.int64] | None = None
    item: int = 1

    @cached_property
    def first(self) -> int:
        """The lowest byte, from the operand's address."""
        return sum(min(0, at) for at in self._ends())

    @cached_property
    def end(self) -> int:
        """One past the highest byte, from the operand's address."""
        return sum(max(0, at) for at in self._ends()) + 1

    def _ends(self) -> list[int]:
        ends = [(extent - 1) * step for extent, step in zip(self.shape, self.strides, strict=True)]
        if self.index is not None:
            ends[1] = int(self.index.max()) * self.strides[1]
        return ends

    def addresses(self) -> NDArray[np.int64]:
        """Return every element's byte, from the operand's address, in the block's shape."""
        found = np.zeros(self.shape, np.int64)
        for axis, (extent, stride) in enumerate(zip(self.shape, self.strides, strict=True)):
            steps = np.arange(extent)
            if axis == 1 and self.index is not None:
                steps = self.index
            shape = [1] * len(self.shape)
            shape[axis] = extent
            found += (steps * stride).reshape(shape)
        return found


@dataclass(frozen=True, eq=False)
class Accesses:
    """A call's blocks: an entry a read operand, one for the written operand.

    `adds` is set where the written block is read too. `spare` are bytes behind a read operand
    that a kernel may read, whatever they hold: an end from the operand's address, or 0.
    """

    reads: tuple[Block, ...]
    write: Block
    adds: bool = False
    spare: tuple[int, ...] = ()


def block(shape: Sequence[int], strides: Sequence[int]) -> Block:
    """Elements of one byte."""
    return Block(tuple(shape), tuple(strides))


def sums(rows: int, columns: int, row: int) -> Block:
    """Rows of int32 sums; `row` in elements."""
    strides = (row * _SUM_BYTES, _SUM_BYTES, 1)
    return Block((rows, columns, _SUM_BYTES), strides, item=_SUM_BYTES)


def rows(p: Mapping[str, Any]) -> Accesses:
    """Rows of x into rows of y, both [rows, length]."""
    shape = (p["rows"], p["length"])
    y = block(shape, (p["y_row"], p["y_col"]))
    return Accesses((block(shape, (p["x_row"], p["x_col"])),), y)


def elementwise(*reads: str) -> Callable[[Mapping[str, Any]], Accesses]:
    """Operands named `reads` and an output y over one `extent`, each with its `_stride`."""

    def rule(p: Mapping[str, Any]) -> Accesses:
        operands = tuple(block(p["extent"], p[f"{name}_stride"]) for name in reads)
        return Accesses(operands, block(p["extent"], p["y_stride"]))

    return rule
