"""Weights whose zero blocks are left out: run-length coded blocks along the reduction axis.

A stream of weights [n, k] is, in bytes: the place of the gaps (int32); the values of every stored
block, row after row; the gaps, a byte a block and a 0 behind each row; zeros up to a whole word.
A row is one of weights, or of as many as share their blocks (SparseFormat); where n leaves one
over, it shares with zeros. A gap is three times the distance in blocks to the block before, or to
the one before the row's first: so many eights or sixteens of bytes a panel of rows
(arm/sparse_rows.h) moves on by. A distance above 85 passes through blocks of zeros. Behind column
k the last block has zeros. A block that only fills a step has a gap of 0.

Rows that all store as many blocks need no 0 behind them: a stream of balanced rows has none but
one at its end, and the highest bit of the place is set. Rows are filled with blocks of zeros
to be balanced where that takes no more bytes; an empty one begins with its first block.

Blocks across a convolution's kernel (TinyFormer's of 3) are of weights [n, rows, channels, width].

The run-length coding is that of TinyFormer (arXiv 2311.01759, III-D), with values and distances
in two streams, so that the values can be loaded by words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.planning.sparse_format import SparseFormat

_STEP = 3
_FARTHEST = 255 // _STEP
_WORD = 4
_CONV_AXES = 4
_BALANCED = -(2**31)
_INT8_SCALE = 256
_MOST_SECOND = 2**16


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

    def row_lengths(self, groups: int, form: SparseFormat) -> _Lengths:
        """How many blocks each row stores, in whole steps."""
        needed = np.bincount(self.rows, self.stored, groups).astype(np.int64)
        own = _Lengths(-(-needed // form.step) * form.step, balanced=False)
        equal = _Lengths(np.full(groups, own.each.max()), balanced=True)
        return equal if equal.blocks and equal.bytes(form) <= own.bytes(form) else own


@dataclass(frozen=True, eq=False)
class _Lengths:
    """How many blocks each row of a stream stores, and whether all rows store as many."""

    each: NDArray[np.int64]
    balanced: bool

    @property
    def blocks(self) -> int:
        """The blocks of all rows."""
        return int(self.each.sum())

    def bytes(self, form: SparseFormat) -> int:
        """Bytes of the stream."""
        ends = 1 if self.balanced else len(self.each)
        return -(-(_WORD + form.stored_bytes * self.blocks + ends) // _WORD) * _WORD


@dataclass(frozen=True)
class Stored:
    """The blocks a stream holds, those of zeros included, and whether each row has as many."""

    blocks: int
    balanced: bool


def stored(weight: NDArray[Any], form: SparseFormat) -> Stored:
    """Return what a stream of `weight` [n, ...] holds; a stream itself (one axis) says so."""
    if weight.ndim == 1:
        place, balanced = _opened(weight)
        return Stored((place - _WORD) // form.block_bytes, balanced)
    lengths = _lengths(weight, form)
    return Stored(lengths.blocks, lengths.balanced)


def stream_bytes(weight: NDArray[Any], form: SparseFormat) -> int:
    """Return the bytes of a stream of weights [n, ...]."""
    return _lengths(weight, form).bytes(form)


def is_balanced(stream: NDArray[Any]) -> bool:
    """Whether all rows of a stream store as many blocks, and none has an end."""
    return _opened(stream)[1]


def fits(weight: NDArray[Any], form: SparseFormat) -> bool:
    """Whether a kernel's sums of weights [n, ...] in a form are exact.

    Two channels that share blocks are summed as one, 256 times the second plus the first: each
    such weight must have 16 bits, and a sum of the second times any inputs 24.
    """
    if form.rows == 1:
        return True
    first, second = (_rows(weight, form).astype(np.int64)[row::2] for row in (0, 1))
    both = _INT8_SCALE * second + first[: len(second)]
    largest = np.abs(second).sum(axis=1).max(initial=0)
    return bool((both >= -(2**15)).all() and largest < _MOST_SECOND)


def sparse_stream(weight: Int8Array, form: SparseFormat) -> Int8Array:
    """Return weights [n, ...] as a stream of a form.

    InternalError when a kernel would not read back exactly these weights from it.
    """
    rows = _rows(weight, form)
    n, k = rows.shape
    grid = _grid(rows, form)
    found = _blocks(grid)
    lengths = found.row_lengths(len(grid), form)
    blocks, ends = lengths.blocks, np.cumsum(lengths.each)
    last = _last_places(found, ends - lengths.each)
    values = np.zeros((blocks, form.rows, form.size), np.int8)
    values[last] = grid[found.rows, found.places]
    gaps = np.zeros(blocks, np.uint8)
    if lengths.balanced:
        gaps[ends - lengths.each] = _STEP
    for passed in range(1, int(found.stored.max(initial=1))):
        gaps[(last - passed)[found.stored > passed]] = _STEP * _FARTHEST
    gaps[last] = _STEP * (found.distances - (found.stored - 1) * _FARTHEST)
    if form.rows > 1:
        values[:, 1] -= values[:, 0] < 0
    ordered = values.reshape(-1, form.step * form.block_bytes)[:, list(form.order)]
    place = np.array([_WORD + form.block_bytes * blocks], "<i4")
    place |= _BALANCED * lengths.balanced
    behind = gaps if lengths.balanced else np.insert(gaps, ends, 0)
    used = np.concatenate([place.view(np.int8), ordered.ravel(), behind.view(np.int8)])
    stream = np.zeros(lengths.bytes(form), np.int8)
    stream[: len(used)] = used
    if not np.array_equal(decoded(stream, n, k, form), rows):
        raise InternalError("A stream of sparse weights holds other weights than the layer.")
    return stream


def decoded(stream: Int8Array, n: int, k: int, form: SparseFormat) -> Int8Array:
    """Return the weights [n, k] that a kernel reads from a stream.

    InternalError when it would read outside the stream or outside the k columns of its input.
    """
    if len(stream) < 2 * _WORD or len(stream) % _WORD:
        raise InternalError(f"A stream of {len(stream)} bytes is no whole number of words.")
    place, balanced = _opened(stream)
    if not _WORD <= place < len(stream):
        raise InternalError(f"The gaps of a stream of {len(stream)} bytes lie at {place}.")
    gaps = stream[place:].view(np.uint8).astype(np.int64)
    groups, across = form.groups(n), -(-k // form.size)
    if balanced:
        lengths = _equal_lengths((place - _WORD) // form.block_bytes, groups, form.step)
    else:
        lengths = _Lengths(np.array(_row_lengths(gaps, groups, form.step)), balanced=False)
    blocks = lengths.blocks
    whole = place == _WORD + form.block_bytes * blocks
    if not whole or lengths.bytes(form) != len(stream):
        raise InternalError(f"A stream of {len(stream)} bytes has {blocks} gaps from {place} on.")
    begins = np.cumsum(lengths.each) - lengths.each
    row = np.repeat(np.arange(groups), lengths.each)
    along = np.cumsum(gaps[np.arange(blocks) + (0 if balanced else row)])
    at = along - np.concatenate([[0], along])[begins][row]
    if (at % _STEP).any() or (at // _STEP > across).any() or (at < _STEP).any():
        raise InternalError(f"A stream leads outside the {k} columns of its layer.")
    values = np.zeros((blocks // form.step, len(form.order)), np.int8)
    values[:, list(form.order)] = stream[_WORD:place].reshape(values.shape)
    shared = values.reshape(blocks, form.rows, form.size).astype(np.int64)
    if form.rows > 1:
        shared[:, 1] += shared[:, 0] < 0
    grid = np.zeros((groups, across, form.rows, form.size), np.int64)
    np.add.at(grid, (row, at // _STEP - 1), shared)
    every = grid.transpose(0, 2, 1, 3).reshape(groups * form.rows, -1)
    if every[:, k:].any() or every[n:].any():
        raise InternalError(f"A stream has weights outside the {n}x{k} of its layer.")
    rows = every[:n, :k].astype(np.int8)
    if not np.array_equal(rows, every[:n, :k]):
        raise InternalError("A stream has weights beyond 8 bits.")
    return rows


def _opened(stream: NDArray[Any]) -> tuple[int, bool]:
    """Where a stream's gaps begin, and whether its rows are balanced."""
    place = int(stream[:_WORD].view("<i4")[0])
    return place & ~_BALANCED, place < 0


def _lengths(weight: NDArray[Any], form: SparseFormat) -> _Lengths:
    return _lengths_of(weight.tobytes(), weight.shape, weight.dtype.str, form)


@lru_cache(maxsize=128)
def _lengths_of(raw: bytes, shape: tuple[int, ...], dtype: str, form: SparseFormat) -> _Lengths:
    """Return the lengths of weights, counted once for all parts of a layer that have the same."""
    weight = np.frombuffer(raw, dtype).reshape(shape)
    grid = _grid(_rows(weight, form), form)
    return _blocks(grid).row_lengths(len(grid), form)


def _equal_lengths(blocks: int, groups: int, step: int) -> _Lengths:
    if blocks == 0 or blocks % (groups * step):
        raise InternalError(f"{blocks} blocks are not shared equally by {groups} rows.")
    return _Lengths(np.full(groups, blocks // groups), balanced=True)


def _row_lengths(gaps: NDArray[np.int64], groups: int, step: int) -> list[int]:
    """How many blocks each row has: up to a step that begins with a gap of 0."""
    stops = [np.flatnonzero(gaps[first::step] == 0) * step + first for first in range(step)]
    at = 0
    lengths: list[int] = []
    for _ in range(groups):
        behind = stops[at % step]
        found = int(np.searchsorted(behind, at))
        if found == len(behind):
            raise InternalError(f"A stream ends after {len(lengths)} of {groups} rows.")
        lengths.append(int(behind[found]) - at)
        at = int(behind[found]) + 1
    return lengths


def _last_places(found: _Blocks, begins: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each block that is not zero lies among those stored."""
    along = np.cumsum(found.stored)
    firsts = np.searchsorted(found.rows, found.rows)
    before = np.concatenate([[0], along])[firsts]
    places: NDArray[np.int64] = begins[found.rows] + along - before - 1
    return places


def _rows(weight: NDArray[Any], form: SparseFormat) -> NDArray[Any]:
    """Return [n, k]; blocks across a kernel have its width last."""
    ordered = weight.swapaxes(2, 3) if form.across and weight.ndim == _CONV_AXES else weight
    return ordered.reshape(len(weight), -1)


def _grid(rows: NDArray[Any], form: SparseFormat) -> NDArray[Any]:
    """Return [n, k] as [row, block, channel, weight]: zeros behind column k and row n."""
    n, k = rows.shape
    every = np.zeros((n + -n % form.rows, k + -k % form.size), rows.dtype)
    every[:n, :k] = rows
    return every.reshape(-1, form.rows, every.shape[1] // form.size, form.size).swapaxes(1, 2)


def _blocks(grid: NDArray[Any]) -> _Blocks:
    rows, places = np.nonzero(grid.any(axis=(2, 3)))
    before = np.concatenate([[-1], places[:-1]])
    before[np.concatenate([[True], rows[1:] != rows[:-1]])[: len(rows)]] = -1
    return _Blocks(rows, places, places - before[: len(rows)])
