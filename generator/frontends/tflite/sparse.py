"""Tensors that a file stores sparse, read densely.

The levels of a traversal are the tensor's axes, then those of a block, each dense or a list of the
indices it has (CSR). Values lie in the order of the traversal. An index within a block counts on
along the axis that `block_map` names.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError

Index = NDArray[np.int64]
_VECTORS = {
    tflite.SparseIndexVector.Int32Vector: tflite.Int32Vector,
    tflite.SparseIndexVector.Uint16Vector: tflite.Uint16Vector,
    tflite.SparseIndexVector.Uint8Vector: tflite.Uint8Vector,
}


@dataclass(frozen=True, eq=False)
class _Level:
    """An axis, or one of a block: `size` indices, or those that each index before it has."""

    size: int
    segments: Index | None
    indices: Index | None


@dataclass(frozen=True, eq=False)
class Sparsity:
    """How a tensor of a shape lies: the axis or block axis of each level, outermost first."""

    name: str
    shape: tuple[int, ...]
    order: tuple[int, ...]
    blocks: tuple[int, ...]
    levels: tuple[_Level, ...]

    def dense(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the tensor; InputError when its levels do not lead to `values`."""
        places = self._places()
        if len(places) != len(values):
            raise self._damaged()
        found = np.zeros(math.prod(self.shape), values.dtype)
        found[places] = values
        return found.reshape(self.shape)

    def _places(self) -> Index:
        """Return where in the tensor each value belongs."""
        rank = len(self.shape)
        if sorted(self.order) != list(range(rank + len(self.blocks))):
            raise self._damaged()
        within: Index = np.zeros((rank, 1), np.int64)
        node: Index = np.zeros(1, np.int64)
        for axis, level in zip(self.order, self.levels, strict=True):
            parents, index, node = self._entered(level, node)
            within = within[:, parents]
            own = axis if axis < rank else self.blocks[axis - rank]
            if not 0 <= own < rank or (axis >= rank and level.segments is not None):
                raise self._damaged()
            within[own] = within[own] * (level.size if axis >= rank else 1) + index
        extents = np.array(self.shape, np.int64).reshape(-1, 1)
        if (within < 0).any() or (within >= extents).any():
            raise self._damaged()
        places: Index = np.ravel_multi_index(tuple(within), self.shape)
        return places

    def _entered(self, level: _Level, node: Index) -> tuple[Index, Index, Index]:
        """Return, of a level's entries, the one before, the index, and the number."""
        if level.segments is None or level.indices is None:
            self._limited(len(node) * level.size)
            parents = np.repeat(np.arange(len(node)), level.size)
            index = np.tile(np.arange(level.size), len(node))
            return parents, index, node[parents] * level.size + index
        if (node + 1 >= len(level.segments)).any():
            raise self._damaged()
        first, last = level.segments[node], level.segments[node + 1]
        if (first < 0).any() or (last < first).any() or (last > len(level.indices)).any():
            raise self._damaged()
        counts = last - first
        self._limited(int(counts.sum()))
        parents = np.repeat(np.arange(len(node)), counts)
        began = np.repeat(first - (np.cumsum(counts) - counts), counts)
        number = began + np.arange(len(parents))
        return parents, level.indices[number], number

    def _limited(self, entries: int) -> None:
        if not 0 <= entries <= math.prod(self.shape):
            raise self._damaged()

    def _damaged(self) -> InputError:
        return InputError(
            f"The TFLite model is damaged: the sparse tensor {self.name!r} of shape "
            f"{list(self.shape)} has no such values."
        )


def sparsity_of(name: str, shape: tuple[int, ...], table: Any) -> Sparsity:
    """Return how a file says that a tensor lies."""
    order = _integers(table.TraversalOrderAsNumpy())
    blocks = _integers(table.BlockMapAsNumpy())
    count = table.DimMetadataLength()
    if not shape or min(shape) < 0 or not len(order) == count == len(shape) + len(blocks):
        raise InputError(f"The TFLite model is damaged: tensor {name!r} is sparse by {count} axes.")
    levels = tuple(_level(table.DimMetadata(n)) for n in range(count))
    return Sparsity(name, shape, order, blocks, levels)


def _level(table: Any) -> _Level:
    if table.Format() == tflite.DimensionType.DENSE:
        return _Level(table.DenseSize(), None, None)
    segments = _vector(table.ArraySegmentsType(), table.ArraySegments())
    return _Level(1, segments, _vector(table.ArrayIndicesType(), table.ArrayIndices()))


def _vector(kind: int, table: Any) -> Index:
    if kind not in _VECTORS or table is None:
        return np.zeros(0, np.int64)
    own = _VECTORS[kind]()
    own.Init(table.Bytes, table.Pos)
    values = own.ValuesAsNumpy()
    return np.zeros(0, np.int64) if isinstance(values, int) else values.astype(np.int64)


def _integers(values: Any) -> tuple[int, ...]:
    found: Sequence[Any] = [] if isinstance(values, int) else values
    return tuple(int(value) for value in found)
