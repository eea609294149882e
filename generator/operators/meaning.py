"""What every operator makes: the numbers of its output from those of its operands.

Operands have the shapes the kernels walk: a linear layer is a matrix, an image has four axes, a
batch goes first. A part of a layer (heads, strips, tokens) makes the part of the numbers that the
whole layer makes, because a number depends on nothing but what the element depends on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.ops import Conv, Linear, Node
from tinyrig.generator.operators.values import Ids, each_named, mix, named, places

_LANES = 4
_LANE = np.uint64(0xA0761D6478BD642F)
_LEFT = np.uint64(0xE7037ED1A0B428DB)
_RIGHT = np.uint64(0x8EBC6AF09C88C6E3)


def key_of(node: Node) -> np.uint64:
    """Return the number of an operator; its parts share it."""
    return named(node.outputs[0])


def channel_keys(node: Linear | Conv) -> Ids:
    """Return a number for each output channel, by its own constants."""
    rows = each_named(node.weight, node.start, node.requant.multiplier)
    return rows + key_of(node)


def weighted_rows(x: Ids, first: int = 0) -> Ids:
    """Return the sums over the last axis, whose first element stands at place `first`."""
    return x @ places(first + x.shape[-1])[first:]


def linear(x: Ids, channels: Ids) -> Ids:
    """x [m, k] and channels [n] give [m, n]."""
    return mix(weighted_rows(x)[:, None] + channels)


def partial_sums(x: Ids, first: int, width: int, before: Ids | None) -> Ids:
    """x [m, k], columns from `first` on, added to sums [m, n]; None starts them."""
    start = places(width, 1) if before is None else before
    return weighted_rows(x, first)[:, None] + start


def finished(sums: Ids, channels: Ids) -> Ids:
    """Sums [m, n] over all columns give what the whole layer makes."""
    return mix(sums - places(len(channels), 1) + channels)


def as_lanes(sums: Ids) -> Ids:
    """Return int32 sums [...] as their bytes [..., 4]."""
    return sums[..., None] + np.arange(_LANES, dtype=np.uint64) * _LANE


def from_lanes(lanes: Ids) -> Ids:
    """Return sums [...] from bytes [..., 4]; bytes of different sums make none of them."""
    sums = lanes - np.arange(_LANES, dtype=np.uint64) * _LANE
    torn = sums[..., 1:] - sums[..., :1]
    whole: Ids = sums[..., 0] + torn @ places(_LANES - 1, 2)
    return whole


def matmul(a: Ids, b: Ids, key: np.uint64) -> Ids:
    """a [..., m, k] and b [..., k, n] give [..., m, n]."""
    left = weighted_rows(a)[..., :, None] * _LEFT
    right = (places(b.shape[-2]) @ b)[..., None, :] * _RIGHT
    return mix(left + right + key)


def attention(q: Ids, k: Ids, v: Ids, key: np.uint64) -> Ids:
    """q [..., s, p], k [..., t, p] and v [..., t, r] give [..., s, r]."""
    memory = weighted_rows(k)[..., None, :] @ v
    return mix(weighted_rows(q)[..., :, None] * _LEFT + memory * _RIGHT + key)


def row_wise(x: Ids, key: np.uint64) -> Ids:
    """Softmax and LayerNorm: every element of a row [..., n] depends on all and on its place."""
    return mix(x * _LEFT + weighted_rows(x)[..., None] + places(x.shape[-1], 3) + key)


def masked_rows(x: Ids, key: np.uint64, kept: NDArray[np.bool_]) -> Ids:
    """Softmax of the scores that `kept`, in the shape of x, lets take part; 0 for the others."""
    made = row_wise(np.where(kept, x, np.uint64(0)), key)
    return np.where(kept, made, mix(key + places(1, 5)))


def elementwise(x: Sequence[Ids], key: np.uint64) -> Ids:
    """One operand, or two that broadcast, element by element."""
    if len(x) == 1:
        return mix(x[0] + key)
    a, b = x
    return mix(a * _LEFT + b * _RIGHT + key)


def mean(x: Ids, key: np.uint64) -> Ids:
    """x [kept, reduced] gives [kept]."""
    return mix(weighted_rows(x) + key)


def windows(x: Ids, p: Mapping[str, Any], groups: int, channels: Ids) -> Ids:
    """x [n, c, h, w] gives [n, o, oh, ow]; `p` is the geometry, `channels` [o].

    A cell outside the image adds nothing.
    """
    n, c, h, w = x.shape
    cells = (x.reshape(n, groups, c // groups, h, w).transpose(0, 1, 3, 4, 2)) @ places(c // groups)
    for axis, side, pad in ((2, "h", "pad_top"), (3, "w", "pad_left")):
        cells = _along(
            cells, axis, p[f"kernel_{side}"], p[f"stride_{side}"], p[pad], p[f"out_{side}"]
        )
    shape = (n, groups, len(channels) // groups, p["out_h"], p["out_w"])
    spread = cells[:, :, None] + channels.reshape(1, groups, -1, 1, 1)
    return mix(spread).reshape(n, len(channels), *shape[3:])


def _along(cells: Ids, axis: int, kernel: int, stride: int, pad: int, count: int) -> Ids:
    """Slide over one axis: `count` windows of `kernel` cells, the first `pad` before the image."""
    moved = np.moveaxis(cells, axis, 0)
    weights = places(kernel, 4 + axis)
    total = np.zeros((count, *moved.shape[1:]), np.uint64)
    for tap in range(kernel):
        first = tap - pad
        skipped = max(0, -(first // stride))
        inside = min(count, (len(moved) - 1 - first) // stride + 1)
        if inside > skipped:
            start = first + skipped * stride
            stop = first + (inside - 1) * stride + 1
            total[skipped:inside] += moved[start:stop:stride] * weights[tap]
    return np.moveaxis(total, 0, axis)
