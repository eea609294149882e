"""docs/arithmetic.md in NumPy 64-bit and Python integers, written apart from every kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Params = Mapping[str, Any]


def requantise(r: Params, acc: Ints) -> Ints:
    """Accumulators [..., channel] to outputs."""
    m = np.asarray(r["multiplier"], dtype=np.int64)
    if r["narrow"]:
        y = (acc * m) >> 32
    else:
        y = r["zero_point"] + ((acc * m + (1 << (r["shift"] - 1))) >> r["shift"])
    return np.clip(np.clip(y, -128, 127), r["lo"], r["hi"])


def look_up(lut: NDArray[np.int8] | None, y: Ints) -> Ints:
    """The operator's table, when it has one."""
    return y if lut is None else lut[y + 128].astype(np.int64)


def linear(p: Params, x: Ints) -> Ints:
    w = np.asarray(p["weight"], dtype=np.int64).reshape(p["n"], p["k"])
    return look_up(p["lut"], requantise(p["requant"], p["start"] + x @ w.T))


def linear_s8_s32(p: Params, x: Ints, before: Ints | None = None) -> Ints:
    w = np.asarray(p["weight"], dtype=np.int64).reshape(p["n"], p["k"])
    return (p["start"] if before is None else before) + x @ w.T


def requant_s32(p: Params, acc: Ints) -> Ints:
    return look_up(p["lut"], requantise(p["requant"], acc))


def matmul(p: Params, a: Ints, b: Ints) -> Ints:
    acc = p["start"] + np.matmul(a - p["a_zero_point"], b - p["b_zero_point"])
    return look_up(p["lut"], requantise(p["requant"], acc))


def conv2d(p: Params, x: Ints) -> Ints:
    g, groups = p["window"], p["groups"]
    depth, per_group = g["in_c"] // groups, g["out_c"] // groups
    kernel = (g["kernel_h"], g["kernel_w"])
    w = np.asarray(p["weight"], dtype=np.int64).reshape(groups, per_group, *kernel, depth)
    cells = _padded(g, x, p["x_zero_point"])
    acc = np.zeros((g["batch"], g["out_c"], g["out_h"], g["out_w"]), dtype=np.int64)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            patch = _shifted(g, cells, i, j)
            patch = patch.reshape(g["batch"], groups, depth, g["out_h"], g["out_w"])
            acc += np.einsum("bgdhw,god->bgohw", patch, w[:, :, i, j]).reshape(acc.shape)
    acc = np.moveaxis(acc, 1, -1) + p["start"]
    return np.moveaxis(look_up(p["lut"], requantise(p["requant"], acc)), -1, 1)


def maxpool2d(p: Params, x: Ints) -> Ints:
    g = p["window"]
    return _patches(g, _padded(g, x, -128)).max(axis=0)


def avgpool2d(p: Params, x: Ints) -> Ints:
    g = p["window"]
    acc = _patches(g, _padded(g, x - p["x_zero_point"], 0)).sum(axis=0)
    count = _patches(g, _padded(g, np.ones_like(x), 0)).sum(axis=0)
    if p["count_include_pad"]:
        count = np.full_like(count, g["kernel_h"] * g["kernel_w"])
    m = np.asarray(p["multiplier"], dtype=np.int64)[count - 1]
    y = p["zero_point"] + ((acc * m + (1 << (p["shift"] - 1))) >> p["shift"])
    return np.clip(y, -128, 127)


def mean(p: Params, x: Ints) -> Ints:
    return requantise(p["requant"], p["start"] + x.sum(axis=(4, 5, 6, 7)))


def unary(p: Params, x: Ints) -> Ints:
    return look_up(p["lut"], x)


def add(p: Params, a: Ints, b: Ints) -> Ints:
    y = (a * p["a_multiplier"] + b * p["b_multiplier"] + p["start"]) >> p["shift"]
    return np.clip(np.clip(y, -128, 127), p["lo"], p["hi"])


def mul(p: Params, a: Ints, b: Ints) -> Ints:
    acc = p["start"] + (a - p["a_zero_point"]) * (b - p["b_zero_point"])
    return requantise(p["requant"], acc)


def gather(p: Params, x: Ints) -> Ints:
    return x[:, p["index"], :]


def copy(p: Params, x: Ints) -> Ints:
    return x


def fill(p: Params) -> Ints:
    return np.full(p["extent"], p["value"], dtype=np.int64)


def softmax(p: Params, x: Ints) -> Ints:
    return _softmax(p, x, np.ones_like(x, dtype=bool))


def softmax_bitmap(p: Params, x: Ints) -> Ints:
    table = [halved(p["top"], d * p["multiplier"]) for d in range(256)]
    tables = {"exp": np.array(table), "fine": None, **p}
    return _softmax(tables, x, np.ones_like(x, dtype=bool))


def halved(top: int, halvings: int) -> int:
    """top * 2^-(halvings / 2^16), the power a polynomial in 15 bits."""
    whole, rest = divmod(halvings, 2**16)
    x = 44335 - rest * 45426 // 2**17
    power = min(2**15, x * x // 2**15 * 11747 // 2**15 + 11272)
    return 0 if whole > 16 else (top * power + 2 ** (14 + whole)) // 2 ** (15 + whole)


def softmax_masked(p: Params, x: Ints) -> Ints:
    kept = np.zeros(x.shape, dtype=bool)
    for i, j in np.ndindex(*x.shape[:2]):
        m = i * p["mask_stride"][0] + j * p["mask_stride"][1]
        for n in range(p["first"][m], p["first"][m + 1]):
            kept[i, j, p["runs"][2 * n] : p["runs"][2 * n + 1]] = True
    return _softmax(p["rows"], x, kept)


def _softmax(p: Params, x: Ints, kept: NDArray[np.bool_]) -> Ints:
    below = np.where(kept, np.where(kept, x, -128).max(axis=-1, keepdims=True) - x, 0)
    e = p["exp"].astype(np.int64)[below] * kept
    summed = e if p["fine"] is None else p["fine"].astype(np.int64)[below] * kept
    least = int((p["exp"] if p["fine"] is None else p["fine"])[0])  # of a row without a score
    y = _scaled(p["scale"], np.maximum(summed.sum(axis=-1), least), e << 8)
    return np.where(kept, np.clip(p["zero_point"] + y, -128, 127), p["zero_point"])


def attention(p: Params, q: Ints, k: Ints, v: Ints) -> Ints:
    rounding = p["rounding"]
    if rounding["most"]:
        weights = np.minimum(probabilities(p, q, k), rounding["most"])
        acc = rounding["start"] + np.matmul(weights, v - p["v_zero_point"])
        return requantise(rounding["requant"], acc)
    e = p["exp"].astype(np.int64)[_below(p, q, k)]
    total = e.sum(axis=-1)
    acc = np.matmul(e, v - p["v_zero_point"])
    y = p["y_zero_point"] + _scaled(p["value"], total, acc)
    return np.clip(y, p["lo"], p["hi"])


def probabilities(p: Params, q: Ints, k: Ints) -> Ints:
    """The rounded probabilities of attention, before they end at the most that their code holds."""
    below = _below(p, q, k)
    fine = p["rounding"]["fine"]
    e, summed = (
        table.astype(np.int64)[below]
        for table in (p["exp"], fine if fine is not None else p["exp"])
    )
    return _scaled(p["value"], summed.sum(axis=-1), e << 8)


def _below(p: Params, q: Ints, k: Ints) -> Ints:
    """How far each score lies below the largest of its row."""
    keys = np.swapaxes(k - p["k_zero_point"], -1, -2)
    score = requantise(p["score"], p["score_start"] + np.matmul(q - p["q_zero_point"], keys))
    return score.max(axis=-1, keepdims=True) - score


def layernorm(p: Params, x: Ints) -> Ints:
    y = np.empty_like(x)
    for i, row in enumerate(x):
        acc = p["start"] + (normalised(p, row) * p["gamma"] >> 32)
        y[i] = requantise(p["requant"], acc)
    return y


def normalised(p: Params, row: Ints) -> Ints:
    """The normalised values of a row in their unit."""
    total, length = int(row.sum()), p["length"]
    mean = total if p["centred"] else length * p["zero_point"]
    spread = length * int((row * row).sum()) - mean * (2 * total - mean)
    r, h = _inverse_sqrt((spread << p["fraction"]) + int(p["eps"]))
    drop = max(h - p["raised"], 1)
    half = 1 << (drop - 1)
    a, b = (length * r + half) >> drop, (half - mean * r) >> drop
    return np.array([(a * int(x) + b + 2**31) % 2**32 - 2**31 for x in row], dtype=np.int64)


def _inverse_sqrt(v: int) -> tuple[int, int]:
    z = (64 - v.bit_length()) // 2 * 2
    f = (v << z) >> 32
    r = 2300000000 - (f // 4 + f // 16)
    for _ in range(3):
        u = (((r * r) >> 32) * f) >> 32
        r = (r * (3 * 2**28 - u)) >> 29
    return r, 55 - z // 2


def _scaled(scale: Params, total: Ints, acc: Ints) -> Ints:
    """`scaled` of docs/arithmetic.md for every row: total [...], acc [..., n]."""
    y = np.empty_like(acc)
    for index in np.ndindex(*total.shape):
        s = int(total[index])
        n = 32 - s.bit_length()
        d = (((s << n) >> 15) + 1) >> 1
        m = (scale["mantissa"] * (2**31 // d)) >> 16
        t = scale["exponent"] - n - 1
        y[index] = (((acc[index] * m) >> 32) + (1 << (t - 1))) >> t
    return y


def _padded(g: Params, x: Ints, value: int) -> Ints:
    """The image in a frame of `value` wide enough for every window."""
    high = (g["out_h"] - 1) * g["stride_h"] + g["kernel_h"]
    wide = (g["out_w"] - 1) * g["stride_w"] + g["kernel_w"]
    top, left = g["pad_top"], g["pad_left"]
    below, right = max(0, high - top - x.shape[2]), max(0, wide - left - x.shape[3])
    return np.pad(x, ((0, 0), (0, 0), (top, below), (left, right)), constant_values=value)


def _shifted(g: Params, cells: Ints, i: int, j: int) -> Ints:
    """Cell (i, j) of every window."""
    high, wide = g["out_h"] * g["stride_h"], g["out_w"] * g["stride_w"]
    return cells[:, :, i : i + high : g["stride_h"], j : j + wide : g["stride_w"]][
        :, :, : g["out_h"], : g["out_w"]
    ]


def _patches(g: Params, cells: Ints) -> Ints:
    pairs = [(i, j) for i in range(g["kernel_h"]) for j in range(g["kernel_w"])]
    return np.stack([_shifted(g, cells, i, j) for i, j in pairs])
