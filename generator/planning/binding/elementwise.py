"""Elementwise operators, copies, fills and gathers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyrig.generator.graph.ops import Add, Gather, Mul, Unary
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.planning.binding.axes import block
from tinyrig.generator.planning.call import Call, Params, Table, requant_params
from tinyrig.generator.planning.view import View, merge_axes


def bind_copy(name: str, read: View, write: View) -> Call:
    """tr_copy_s8."""
    extent, (x, y) = block([read, write], name)
    params: Params = {"extent": extent, "x_stride": x, "y_stride": y}
    return Call("copy_s8", params, (read,), (write,))


def bind_fill(name: str, value: int, write: View) -> Call:
    """tr_fill_s8."""
    extent, (y,) = block([write], name)
    params: Params = {"extent": extent, "y_stride": y, "value": value}
    return Call("fill_s8", params, (), (write,))


def bind_unary(
    node: Unary, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_unary_s8."""
    extent, (x, y) = block([reads[0], writes[0]], node.name)
    params: Params = {
        "extent": extent,
        "x_stride": x,
        "y_stride": y,
        "lut": Table(node.lut, "tables"),
    }
    return Call("unary_s8", params, tuple(reads), tuple(writes))


def bind_add(node: Add, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]) -> Call:
    """tr_add_s8."""
    extent, (a, b, y) = block([*reads, writes[0]], node.name)
    params: Params = {
        "extent": extent,
        "a_stride": a,
        "b_stride": b,
        "y_stride": y,
        "a_multiplier": node.a_multiplier,
        "b_multiplier": node.b_multiplier,
        "start": node.start,
        "shift": node.shift,
        "lo": node.lo,
        "hi": node.hi,
    }
    return Call("add_s8", params, tuple(reads), tuple(writes))


def bind_mul(
    node: Mul, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_mul_s8."""
    extent, (a, b, y) = block([*reads, writes[0]], node.name)
    params: Params = {
        "extent": extent,
        "a_stride": a,
        "b_stride": b,
        "y_stride": y,
        "a_zero_point": tensors[0].affine.zero_point,
        "b_zero_point": tensors[1].affine.zero_point,
        "start": node.start,
        "requant": requant_params(node.requant),
    }
    return Call("mul_s8", params, tuple(reads), tuple(writes))


def bind_gather(
    node: Gather, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_gather_s8: axes before and after the gathered one merged into one each."""
    x, y, axis = reads[0], writes[0], node.axis
    outer, x_outer, y_outer = _merged(x, y, slice(None, axis))
    inner, x_inner, y_inner = _merged(x, y, slice(axis + 1, None))
    params: Params = {
        "outer": outer,
        "count": len(node.indices),
        "inner": inner,
        "x_outer": x_outer,
        "x_step": x.strides[axis],
        "x_inner": x_inner,
        "y_outer": y_outer,
        "y_step": y.strides[axis],
        "y_inner": y_inner,
        "index": Table(np.asarray(node.indices, dtype=np.int32), "tables"),
    }
    return Call("gather_s8", params, tuple(reads), tuple(writes))


def _merged(x: View, y: View, axes: slice) -> tuple[int, int, int]:
    merged = merge_axes(x.shape[axes], [x.strides[axes], y.strides[axes]])
    return (merged[0][0], *merged[0][1]) if merged else (1, 0, 0)  # type: ignore[return-value]
