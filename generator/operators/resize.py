"""Images between whose cells one looks: sums over a few cells of each axis, by constant weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tinyrig.generator.graph.ops import Node, Shape, Walk
from tinyrig.generator.graph.quantization import FloatArray
from tinyrig.generator.graph.requant import Int16Array, Int32Array, Requant, requantise
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import Accesses, block
from tinyrig.generator.operators.example import any_affine
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids, mix
from tinyrig.generator.planning.call import Call, Params, Table, requant_params
from tinyrig.generator.planning.view import View

ONE = 1 << 10
"""A weight of 1 along an axis: products of two axes and a code stay inside int32."""


@dataclass(frozen=True, eq=False)
class Taps:
    """Along an axis: output i is the sum of `weight[i]` (ONE is 1) over cells from `first[i]` on.

    `first` is [n] and `weight` [n, cells]; the weights of an output sum to ONE.
    """

    first: Int32Array
    weight: Int16Array


@dataclass(frozen=True, eq=False, kw_only=True)
class Resize(Node):
    """x [N, C, H, W] gives [N, C, rows, columns]; `start` is the zero point's."""

    walks: ClassVar[Walk] = "channels"

    rows: Taps
    columns: Taps
    start: int
    requant: Requant

    def macs(self, _inputs: Sequence[Shape], output: Shape) -> int:
        """One for each output and cell it is made of."""
        return math.prod(output) * int(self.rows.weight.shape[1] * self.columns.weight.shape[1])


def taps_of(weights: FloatArray) -> Taps:
    """Return weights [outputs, cells], each row of sum 1, as the few cells that have any.

    Rounded to steps of 1 / ONE so that the sum stays 1.
    """
    used = np.abs(weights) > 0.25 / ONE
    count = weights.shape[1]
    begin = np.argmax(used, axis=1)
    end = count - np.argmax(used[:, ::-1], axis=1)
    width = int((end - begin).max())
    first = np.minimum(begin, count - width)
    places = first[:, np.newaxis] + np.arange(width)
    exact = np.take_along_axis(weights, places, axis=1) * ONE
    codes = np.rint(exact).astype(np.int64)
    largest = np.argmax(np.abs(exact), axis=1)
    codes[np.arange(len(codes)), largest] += ONE - codes.sum(axis=1)
    return Taps(first.astype(np.int32), codes.astype(np.int16))


def resizing(rows: Taps, columns: Taps, x: Affine, y: Affine) -> dict[str, Any]:
    """Return the constants of a Resize. Raises RangeError when they do not fit int32."""
    most = [int(np.abs(taps.weight.astype(np.int64)).sum(axis=1).max()) for taps in (rows, columns)]
    requant, start = requantise(
        [x.scale / y.scale / ONE**2],
        np.array([-x.zero_point * ONE**2], np.int64),
        np.array([128 * most[0] * most[1]], np.int64),
        y.zero_point,
    )
    return {"rows": rows, "columns": columns, "start": int(start[0]), "requant": requant}


def _bind(node: Resize, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]) -> Call:
    """tr_resize_s8."""
    x, y = reads[0], writes[0]
    params: Params = {
        "batch": x.shape[0],
        "channels": x.shape[1],
        "in_h": x.shape[2],
        "in_w": x.shape[3],
        "out_h": y.shape[2],
        "out_w": y.shape[3],
        "x_stride": list(x.strides),
        "y_stride": list(y.strides),
        "taps_h": node.rows.weight.shape[1],
        "taps_w": node.columns.weight.shape[1],
        "row_first": Table(node.rows.first, "tables"),
        "row_weight": Table(node.rows.weight, "tables"),
        "column_first": Table(node.columns.first, "tables"),
        "column_weight": Table(node.columns.weight, "tables"),
        "start": node.start,
        "requant": requant_params(node.requant),
    }
    macs = node.macs([x.shape], y.shape)
    return Call("resize_s8", params, tuple(reads), tuple(writes), macs=macs)


def _accesses(p: Mapping[str, Any]) -> Accesses:
    """All of the image and of the output."""
    outer = (p["batch"], p["channels"])
    x = block((*outer, p["in_h"], p["in_w"]), p["x_stride"])
    return Accesses((x,), block((*outer, p["out_h"], p["out_w"]), p["y_stride"]))


def _value(node: Resize, x: Sequence[Ids], _: Shape) -> Ids:
    return _seen(x[0], node.rows, node.columns, meaning.key_of(node))


def _makes(keys: Keys, node: Resize, p: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    rows, columns = (
        Taps(p[f"{axis}_first"].values, p[f"{axis}_weight"].values) for axis in ("row", "column")
    )
    return _seen(x[0], rows, columns, keys.key(node))


def _seen(x: Ids, rows: Taps, columns: Taps, key: np.uint64) -> Ids:
    """The numbers of [n, c, rows, columns] by those of an image: the same sums of them."""
    for axis, taps in ((2, rows), (3, columns)):
        total = np.zeros((*x.shape[:axis], len(taps.first), *x.shape[axis + 1 :]), np.uint64)
        shape = [1] * x.ndim
        shape[axis] = -1
        for tap, weights in enumerate(taps.weight.T):
            factor = weights.astype(np.int64).astype(np.uint64).reshape(shape)
            total += x.take(taps.first + tap, axis=axis) * factor
        x = total
    return mix(x + key)


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    x = inputs[0]
    taps = [_drawn(rng, extent) for extent in x.shape[2:]]
    scale = float(x.affine.scale * rng.choice([1.0, 1.0, rng.uniform(0.25, 8.0)]))
    y = Affine(scale, any_affine(rng).zero_point)
    shape = (*x.shape[:2], *(len(one.first) for one in taps))
    return resizing(taps[0], taps[1], x.affine, y), shape, y


def _drawn(rng: np.random.Generator, extent: int) -> Taps:
    """Draw some outputs of a few cells of an axis each, weights below 0 among them."""
    count, width = int(rng.integers(1, 10)), int(rng.integers(1, min(extent, 5) + 1))
    weights = np.zeros((count, extent))
    for row in weights:
        first = int(rng.integers(0, extent - width + 1))
        row[first : first + width] = rng.dirichlet(np.ones(width)) * 1.5 - 0.5 / width
    return taps_of(weights)


RESIZE = Operator(
    node=Resize,
    value=_value,
    bind=_bind,
    calls=(KernelCall("resize_s8", _accesses, _makes),),
    example=_example,
    ranks=(4, 4),
)
