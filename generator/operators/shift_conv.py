"""A convolution whose requantisation adds to products, and not to accumulators."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from tinyrig.generator.graph.ops import Node, Shape, Walk, Window
from tinyrig.generator.graph.requant import Int8Array, Int32Array
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN, Affine, Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.operators.windows import slid, window_accesses, window_params
from tinyrig.generator.planning.call import Call, Params, Table
from tinyrig.generator.planning.view import View

_IMAGE = len(("n", "c", "h", "w"))


@dataclass(frozen=True, eq=False, kw_only=True)
class ShiftConv(Node):
    """As Conv; channel o gives `(acc * multiplier[o] + addend[o]) >> shift`, of any sign."""

    walks: ClassVar[Walk] = "channels"

    weight: Int8Array = field(repr=False)
    start: Int32Array = field(repr=False)
    multiplier: Int32Array = field(repr=False)
    addend: Int32Array = field(repr=False)
    shift: int
    window: Window
    groups: int = 1
    lo: int = INT8_MIN
    hi: int = INT8_MAX

    def macs(self, _inputs: Sequence[Shape], output: Shape) -> int:
        """One for each output and weight of its channel."""
        return math.prod(output) * math.prod(self.weight.shape[1:])

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with other limits."""
        lo, hi = (min(max(code, low), high) for code in (self.lo, self.hi))
        return replace(self, lo=lo, hi=hi)


def _bind(
    node: ShiftConv, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    params: Params = {
        "window": window_params(node.window, reads[0], writes[0]),
        "groups": node.groups,
        "x_zero_point": tensors[0].affine.zero_point,
        "weight": Table(node.weight, "weights"),
        "start": Table(node.start, "weights"),
        "multiplier": Table(node.multiplier, "tables"),
        "addend": Table(node.addend, "tables"),
        "shift": node.shift,
        "zero_point": tensors[-1].affine.zero_point,
        "lo": node.lo,
        "hi": node.hi,
    }
    macs = writes[0].size * math.prod(node.weight.shape[1:])
    return Call("shift_conv2d_s8", params, tuple(reads), tuple(writes), macs=macs)


def _channels(key: np.uint64, channels: int) -> Ids:
    return np.full(channels, key, np.uint64)


def _value(node: ShiftConv, x: Sequence[Ids], shape: Shape) -> Ids:
    keys = _channels(meaning.key_of(node), len(node.weight))
    return slid(node.window, node.groups, keys, x[0], shape)


def _makes(keys: Keys, node: ShiftConv, p: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    numbers = _channels(keys.key(node), len(node.weight))
    return meaning.windows(x[0], p["window"], p["groups"], numbers)


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    """Pointwise or over 3 cells of each axis, of all channels or of one each."""
    shape = inputs[0].shape
    channels = shape[1]
    groups = channels if rng.integers(2) else 1
    made = groups * int(rng.integers(1, 4))
    side = 3 if rng.integers(2) else 1
    high = side if len(shape) == _IMAGE else 1
    pads = (high // 2, side // 2) * 2
    shift = int(rng.integers(0, 32))
    constants = {
        "weight": rng.integers(-128, 128, (made, high, side, channels // groups)).astype(np.int8),
        "start": rng.integers(-(2**20), 2**20, made).astype(np.int32),
        "multiplier": rng.integers(-(2**shift) // 2, 2**shift // 2 + 1, made).astype(np.int32),
        "addend": rng.integers(-(2**31), 2**31, made).astype(np.int32),
        "shift": shift,
        "window": Window(kernel=(high, side), pads=pads),
        "groups": groups,
    }
    return constants, (shape[0], made, *shape[2:]), Affine(1.0, int(rng.integers(-128, 128)))


SHIFT_CONV = Operator(
    node=ShiftConv,
    value=_value,
    bind=_bind,
    calls=(KernelCall("shift_conv2d_s8", window_accesses, _makes, "windows"),),
    example=_example,
    ranks=(3, 4),
)
