"""Constants in the order a kernel reads them (arm/weight_stream.h, arm/first_layer.h, others)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.requant import Int8Array, Int32Array
from tinyrig.generator.planning.byte_row import BYTE_ROW, BYTE_ROW_SCALE
from tinyrig.generator.planning.call import Call, Params, Table
from tinyrig.generator.planning.nibbles import SCALE, joined, nibble_rows
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.generator.planning.sparse_packing import sparse_stream

_UNIT = 8
_QUAD_BLOCKS = {"quads16": 32, "longquads16": 1 << 31}
"""Values of a block, by pack."""

_WRITTEN_ROWS = range(16, 481)
_WIDTHS = {"stream4": 4, "stream8": 8, "stream16": 16}
_FIRST_AXES = {"first": (0, 2, 1, 3), "firstdown": (0, 1, 2, 3)}
_WINOGRAD = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]])
"""Twice what makes the weights of F(2, 3), along one axis."""


def packed(call: Call, pack: str) -> Call:
    """Return a call whose constants lie as the kernel's `pack` says; "rows" leaves them alone.

    A stream of a layer that requantises holds its start values and multipliers too: their
    tables are dropped.
    """
    if pack == "rows":
        return call
    params = dict(call.params)
    if pack == "norm4":
        fours = norm_stream(_values(params, "gamma"), _values(params, "start"))
        stream = np.concatenate([_norm_head(params), fours])
        params |= {"gamma": None, "start": Table(stream, "weights")}
        return Call(call.op, params, call.reads, call.writes, call.macs)
    weight = _values(params, "weight")
    if pack in SPARSE_FORMATS:
        params["weight"] = Table(sparse_stream(weight, SPARSE_FORMATS[pack]), "weights")
        return Call(call.op, params, call.reads, call.writes, call.macs)
    if pack == "rows4":
        params["weight"] = Table(nibble_rows(weight), "weights")
        return Call(call.op, params, call.reads, call.writes, call.macs)
    scales: tuple[Int32Array, Int32Array] | None = None
    if "requant" in params:
        requant = params["requant"]
        assert isinstance(requant, Mapping)
        multiplier = np.broadcast_to(_values(requant, "multiplier"), len(weight))
        scales = (_values(params, "start"), multiplier)
        params |= {"start": None, "requant": {**requant, "multiplier": None, "channel_step": 0}}
    if pack == "depthwise3":
        assert scales is not None
        stream = depthwise_stream(_walked(weight, params), scales)
    elif pack == "taps16":
        assert scales is not None
        stream = tap_stream(weight.reshape(len(weight), -1), scales)
    elif pack in _FIRST_AXES:
        assert scales is not None
        windows = weight.transpose(_FIRST_AXES[pack])
        stream = first_stream(windows.reshape(len(weight), -1), scales)
    elif pack in _QUAD_BLOCKS:
        assert scales is not None
        rows = weight.reshape(len(weight), -1)
        stream = quad_stream(rows, scales, _QUAD_BLOCKS[pack])
    elif pack in ("row16", BYTE_ROW):
        assert scales is not None
        by_fours = byte_row_stream if pack == BYTE_ROW else row_stream
        stream = by_fours(weight.reshape(len(weight), -1), scales)
    elif pack == "winograd":
        stream = weight_stream(winograd_rows(weight), 16, scales)
    else:
        stream = weight_stream(weight.reshape(len(weight), -1), _WIDTHS[pack], scales)
    params["weight"] = Table(stream, "weights")
    return Call(call.op, params, call.reads, call.writes, call.macs)


def weight_stream(
    rows: NDArray[np.integer[Any]], width: int, scales: tuple[Int32Array, Int32Array] | None
) -> Int8Array:
    """Return weights [n, k] as a stream of bytes, `width` bits a weight.

    `scales` are start values and multipliers, [n] each, or None for a stream of sums. Start values
    of a stream of nibbles are as many times as much as its weights.
    """
    n = len(rows)
    pairs = np.arange(n // 2 * 2).reshape(-1, 2)
    body = _units(rows)[pairs]
    if n % 2:
        last = np.array([[max(n - 2, 0), n - 1]])
        odd = _units(rows)[last]
        if scales is None:
            odd[:, 0] = 0
        pairs, body = np.concatenate([pairs, last]), np.concatenate([body, odd])
    lanes = body.reshape(*body.shape[:-1], 2, 2)  # [pair, column, unit, group, lane, parity]
    if width == 16:
        ordered = lanes.transpose(0, 2, 3, 1, 5, 4).astype("<i2")
    else:
        ordered = lanes.transpose(0, 2, 3, 5, 4, 1)
    if width == 4:
        ordered = joined(ordered[:, :, :, 0], ordered[:, :, :, 1])
    parts = [np.ascontiguousarray(ordered).reshape(len(pairs), -1).view(np.int8)]
    if scales is not None:
        begin, multiplier = (np.ascontiguousarray(table[pairs], "<i4") for table in scales)
        begin = begin * SCALE if width == 4 else begin
        parts = [begin.view(np.int8), *parts, multiplier.view(np.int8)]
    return np.concatenate(parts, axis=1).ravel()


def depthwise_stream(windows: Int8Array, scales: tuple[Int32Array, Int32Array]) -> Int8Array:
    """Return 3x3 windows [channels, lines, columns] of a walk as bytes, 32 a channel.

    The order of arm/depthwise_3x3.h: `scales`, which are start values and multipliers, [channels]
    each, beside pairs of lines 0 and 1 and of lines 1 and 2.
    """
    columns = windows.astype("<i2").transpose(0, 2, 1)
    upper, lower = (
        np.ascontiguousarray(columns[:, :, first : first + 2]).view("<i4")[..., 0]
        for first in (0, 1)
    )
    start, multiplier = (table.reshape(-1, 1) for table in scales)
    words = [start, multiplier, lower[:, 2:], upper, lower[:, :2]]
    return np.concatenate(words, axis=1).astype("<i4").view(np.int8).ravel()


def tap_stream(taps: Int8Array, scales: tuple[Int32Array, Int32Array]) -> Int8Array:
    """Return windows [channels, taps] as bytes, four channels at a time, the last four again.

    The order of arm/depthwise_taps.h: `scales`, which are start values and multipliers, [channels]
    each, around pairs of taps.
    """
    n, count = taps.shape
    channels = _fours(n)
    wide = np.zeros((n, -(-count // 2) * 2), "<i2")
    wide[:, :count] = taps
    words = wide.view("<i4")[channels].transpose(0, 2, 1).reshape(len(channels), -1)
    start, multiplier = (np.ascontiguousarray(table[channels], "<i4") for table in scales)
    return np.concatenate([start, words, multiplier], axis=1).view(np.int8).ravel()


def first_stream(taps: Int8Array, scales: tuple[Int32Array, Int32Array]) -> Int8Array:
    """Return windows [channels, taps] as bytes, two channels at a time.

    The order of arm/first_layer.h: `scales`, which are start values and multipliers, [channels]
    each, then pairs of taps of both channels; an odd last tap has a neighbour of 0, and the last
    two channels come again where their number is odd.
    """
    n, count = taps.shape
    channels = np.minimum(np.arange(0, n, 2), n - 2)[:, None] + np.arange(2)
    wide = np.zeros((n, -(-count // 2) * 2), "<i2")
    wide[:, :count] = taps
    words = wide.view("<i4")[channels].transpose(0, 2, 1)
    tables = [np.ascontiguousarray(table[channels], "<i4") for table in scales]
    parts = [*tables, words.reshape(len(channels), -1)]
    return np.concatenate(parts, axis=1).astype("<i4").view(np.int8).ravel()


def quad_stream(rows: Int8Array, scales: tuple[Int32Array, Int32Array], block: int) -> Int8Array:
    """Return weights [n, k] as bytes, four columns at a time, the last four of them again.

    The order of arm/quads.h: `scales`, which are start values and multipliers, [n] each, around
    the weights of up to `block` values, else before the first block and in the last.
    """
    columns = _fours(len(rows))
    start, multiplier = (np.ascontiguousarray(t[columns], "<i4")[:, None] for t in scales)
    lanes = _groups(rows, 4)[columns].reshape(*columns.shape, -1, 2, 2)
    # [quad, column, group, lane, parity]
    ordered = np.ascontiguousarray(lanes.transpose(0, 2, 4, 1, 3), "<i2")
    words = ordered.reshape(len(columns), -1, 8).view("<i4")  # [quad, half a group, column]
    k = 2 * words.shape[1]
    if k <= block:
        return np.concatenate([start, words, multiplier], axis=1).reshape(-1).view(np.int8)
    ends = range((k - 1) % block + 1, k + 1, block)
    blocks = np.split(words, [end // 2 for end in ends[:-1]], axis=1)
    blocks[-1] = np.concatenate([blocks[-1], multiplier], axis=1)
    parts = [start.repeat(2, axis=1), *blocks]
    return np.concatenate([part.reshape(-1) for part in parts]).view(np.int8)


def row_stream(rows: Int8Array, scales: tuple[Int32Array, Int32Array]) -> Int8Array:
    """Return weights [n, k] as bytes, four columns at a time, the last four of them again.

    The order of arm/row_quads.h: `scales`, which are start values and multipliers, [n] each,
    around the weights.
    """
    lanes = _units(rows).reshape(len(rows), -1, 2, 2)  # [column, group, lane, parity]
    words = np.ascontiguousarray(lanes.transpose(0, 1, 3, 2), "<i2").view("<i4")
    return _by_fours(words.reshape(len(rows), -1), scales)


def byte_row_stream(rows: Int8Array, scales: tuple[Int32Array, Int32Array]) -> Int8Array:
    """Return the same of a byte a weight, as arm/row_quads.h lays those: even ones plus 128."""
    weights = _units(rows).reshape(len(rows), -1)
    weights[:, ::2] ^= -128
    raised = weights[:, ::2].astype(np.uint8).sum(axis=1, dtype=np.int64)
    start = (BYTE_ROW_SCALE * scales[0].astype(np.int64) - 127 * raised).astype(np.int32)
    return _by_fours(weights.view("<i4"), (start, scales[1]))


def _by_fours(words: NDArray[Any], scales: tuple[Int32Array, Int32Array]) -> Int8Array:
    """Return words [n, count] between start values and multipliers, four rows word by word."""
    columns = _fours(len(words))
    ordered = words[columns].transpose(0, 2, 1).reshape(len(columns), -1)
    start, multiplier = (np.ascontiguousarray(table[columns], "<i4") for table in scales)
    return np.concatenate([start, ordered, multiplier], axis=1).view(np.int8).ravel()


def winograd_rows(weight: Int8Array) -> NDArray[np.int16]:
    """Return 3x3 weights [n, 3, 3, c] in Winograd's form, times four: rows [n, 16 * c] of 16 bits.

    A sum of arm/winograd.h is four times the direct form's: nothing is rounded.
    """
    wide = weight.astype(np.int32)
    rows: NDArray[np.int32] = np.einsum("ia,jb,nabc->nijc", _WINOGRAD, _WINOGRAD, wide)
    return rows.reshape(len(weight), -1).astype(np.int16)


def norm_stream(gamma: Int32Array, start: Int32Array) -> Int32Array:
    """Return a LayerNorm's constants [E] as words of four elements, those past E zero.

    Two start values of even elements, the upper halves of their gammas in one word, then the same
    of the odd ones.
    """
    fours = -(-len(gamma) // 4)
    begin = np.zeros((fours, 2, 2), "<i4")
    gain = np.zeros((fours, 2, 2), "<i2")
    for table, values in ((begin, start), (gain, gamma >> 16)):
        flat = np.zeros(4 * fours, table.dtype)
        flat[: len(values)] = values
        table[:] = flat.reshape(fours, 2, 2).transpose(0, 2, 1)
    words = [begin, np.ascontiguousarray(gain).view("<i4")]
    return np.concatenate(words, axis=2).reshape(-1).astype(np.int32)


def _walked(weight: Int8Array, params: Params) -> Int8Array:
    """Return depthwise weights [c, h, w, 1] as [c, lines, columns]: columns go along the longer
    axis of the output."""
    window = params["window"]
    assert isinstance(window, Mapping)
    windows = weight[..., 0]
    down = _integer(window, "out_h") > _integer(window, "out_w")
    return windows.transpose(0, 2, 1) if down else windows


def _norm_head(params: Params) -> Int32Array:
    """Return what all rows of a LayerNorm have in common, as arm/layernorm_row.h says."""
    names = ("length", "fraction", "raised", "centred", "zero_point", "eps")
    length, bits, raised, centred, zero, eps = (_integer(params, name) for name in names)
    twice = 255 if centred else 2 * max(zero + 128, 127 - zero)
    largest = (((length * twice) ** 2 >> 2) << bits) + eps
    spare, up = 31 - length.bit_length() - raised, raised - bits - 7
    written = length in _WRITTEN_ROWS and largest < 2**32 and spare >= 0 and up >= 0
    mean = 0 if centred else length * zero
    least = 1 << max(30 - 2 * spare, 0) if written else 0
    by_sum, constant = -centred << bits, -mean << bits
    words = [length << bits, eps + (mean**2 << bits), least, by_sum, constant, up]
    return np.array([word % 2**32 for word in words], np.uint32).view(np.int32)


def _fours(n: int) -> NDArray[np.intp]:
    """Return n columns by fours, the last four of all where fewer are left over."""
    return np.minimum(np.arange(0, n, 4), n - 4)[:, None] + np.arange(4)


def _units(rows: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Return [n, k] as [n, units, 2, 4], zeros behind the columns of the first unit."""
    return _groups(rows, _UNIT).reshape(len(rows), -1, 2, 4)


def _groups(rows: NDArray[np.integer[Any]], size: int) -> NDArray[np.integer[Any]]:
    """Return [n, k] in groups of `size` columns, zeros behind those of the first."""
    n, k = rows.shape
    first = (k - 1) % size + 1
    head = np.zeros((n, size), rows.dtype)
    head[:, :first] = rows[:, :first]
    return np.concatenate([head, rows[:, first:]], axis=1)


def _integer(params: Params, name: str) -> int:
    value = params[name]
    assert isinstance(value, int)
    return value


def _values(params: Params, name: str) -> NDArray[Any]:
    table = params[name]
    assert isinstance(table, Table)
    return table.values
