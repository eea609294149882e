"""Weights whose zero blocks are left out: run-length coded blocks along the reduction axis.

A stream of weights [n, k] is, in bytes: the place of the gaps (int32); `size` values of every
stored block, row after row; the gaps, a byte a block and a 0 behind each row; zeros up to a whole
word. A gap is three times the distance in blocks to the block before, or to the one before the
row's first: so many eights (blocks of two) or sixteens (of four) of bytes a panel of six rows
(arm/sparse_rows.h) moves on by. A distance above 85 passes through blocks of zeros. Behind column
k the last block has zeros.

The run-length coding is that of TinyFormer (arXiv 2311.01759, III-D), with values and distances
in two streams, so that the values can be loaded by words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.requant import Int8Array

SPARSE_PACKS = {"sparse4": 4}
"""The packings by name, and the weights in a block of each."""

_STEP = 3
_FARTHEST = 255 // _STEP
_WORD = 4


@dataclass(frozen=True, eq=False)
class _Blocks:
    """Where the blocks that are not zero lie: their rows, their places and distances in a row."""

    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    distances: NDArray[np.int64]

    @property
    def stored(self) -> NDArray[np.int64]:
        """How many blocks stand for each: those of zeros on the way to it, and itself."""
        return -(-self.distances // _FARTHEST)


def stored_blocks(weight: NDArray[Any], size: int) -> int:
    """Return the blocks a stream of `weight` [n, ...] holds, those passed through included.

    A stream itself (one axis) says how many it has.
    """
    if weight.ndim == 1:
        return (int(weight[:_WORD].view("<i4")[0]) - _WORD) // size
    return int(_blocks(_grid(_rows(weight), size)).stored.sum())


def stream_bytes(n: int, blocks: int, size: int) -> int:
    """Return the bytes of a stream of n rows that holds `blocks` blocks."""
    used = _WORD + (size + 1) * blocks + n
    return -(-used // _WORD) * _WORD


def sparse_stream(weight: Int8Array, size: int) -> Int8Array:
    """Return weights [n, ...] as a stream of blocks of `size`.

    InternalError when a kernel would not read back exactly these weights from it.
    """
    rows = _rows(weight)
    n, k = rows.shape
    grid = _grid(rows, size)
    found = _blocks(grid)
    stored = found.stored
    last = np.cumsum(stored) - 1
    blocks = int(stored.sum())
    values = np.zeros((blocks, size), np.int8)
    values[last] = grid[found.rows, found.places]
    gaps = np.full(blocks, _STEP * _FARTHEST, np.uint8)
    gaps[last] = _STEP * (found.distances - (stored - 1) * _FARTHEST)
    ends = np.cumsum(np.bincount(found.rows, stored, n).astype(np.int64))
    place = np.array([_WORD + size * blocks], "<i4")
    parts = [place.view(np.int8), values.ravel(), np.insert(gaps, ends, 0).view(np.int8)]
    used = np.concatenate(parts)
    stream = np.zeros(stream_bytes(n, blocks, size), np.int8)
    stream[: len(used)] = used
    if not np.array_equal(decoded(stream, n, k, size), rows):
        raise InternalError("A stream of sparse weights holds other weights than the layer.")
    return stream


def decoded(stream: Int8Array, n: int, k: int, size: int) -> Int8Array:
    """Return the weights [n, k] that a kernel reads from a stream.

    InternalError when it would read outside the stream or outside the k columns of its input.
    """
    if len(stream) < 2 * _WORD or len(stream) % _WORD:
        raise InternalError(f"A stream of {len(stream)} bytes is no whole number of words.")
    place = int(stream[:_WORD].view("<i4")[0])
    if not _WORD <= place < len(stream):
        raise InternalError(f"The gaps of a stream of {len(stream)} bytes lie at {place}.")
    gaps = stream[place:].view(np.uint8).astype(np.int64)
    ends = np.flatnonzero(gaps == 0)[:n]
    if len(ends) < n:
        raise InternalError(f"A stream ends after {len(ends)} of {n} rows.")
    gaps = gaps[: ends[-1] + 1]
    present = gaps != 0
    blocks = int(present.sum())
    if place != _WORD + size * blocks or stream_bytes(n, blocks, size) != len(stream):
        raise InternalError(f"A stream of {len(stream)} bytes has {blocks} gaps from {place} on.")
    row = np.cumsum(~present) - ~present
    along = np.cumsum(gaps)
    before = np.concatenate([[0], along[ends][:-1]])
    at = (along - before[row])[present]
    if (at % _STEP).any() or (at // _STEP > -(-k // size)).any():
        raise InternalError(f"A stream leads outside the {k} columns of its layer.")
    grid = np.zeros((n, -(-k // size), size), np.int8)
    grid[row[present], at // _STEP - 1] = stream[_WORD:place].reshape(blocks, size)
    rows = grid.reshape(n, -1)
    if rows[:, k:].any():
        raise InternalError(f"A stream has weights behind the {k} columns of its layer.")
    return rows[:, :k]


def _rows(weight: NDArray[Any]) -> NDArray[Any]:
    return weight.reshape(weight.shape[0], -1)


def _grid(rows: NDArray[Any], size: int) -> NDArray[Any]:
    """Return [n, k] as [n, blocks, size], zeros behind column k."""
    n, k = rows.shape
    return np.pad(rows, ((0, 0), (0, -k % size))).reshape(n, -1, size)


def _blocks(grid: NDArray[Any]) -> _Blocks:
    rows, places = np.nonzero(grid.any(axis=2))
    before = np.concatenate([[-1], places[:-1]])
    before[np.concatenate([[True], rows[1:] != rows[:-1]])[: len(rows)]] = -1
    return _Blocks(rows, places, places - before[: len(rows)])
