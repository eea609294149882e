"""Softmax that is stored, with or without a mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import Shape, Softmax
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import Accesses, block
from tinyrig.generator.operators.axes import leading
from tinyrig.generator.operators.kept import kept_runs
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Params, Table
from tinyrig.generator.planning.view import View, merge_axes

_OUTER_AXES = 2


def _bind(
    node: Softmax, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_softmax_s8, its bitmap or its masked form: the axis last, the others merged into two."""
    axes = _others(reads[0], node.axis)
    x, y = (view.transposed([*axes, node.axis]) for view in (reads[0], writes[0]))
    walked = [x.strides[:-1], y.strides[:-1]]
    mask = None
    if node.kept is not None:
        mask = kept_runs(np.transpose(node.kept, [*axes, node.axis]), x.shape, walked)
        walked.append(mask.strides)
    merged = merge_axes(x.shape[:-1], walked)
    if len(merged) > _OUTER_AXES:
        raise UnsupportedError(f"Node {node.name!r}: softmax over axis {node.axis} of {x.shape}.")
    outer, strides = leading(merged, _OUTER_AXES, len(walked))
    rows: Params = {
        "outer0": outer[0],
        "outer1": outer[1],
        "length": x.shape[-1],
        "x_stride": [*strides[0], x.strides[-1]],
        "y_stride": [*strides[1], y.strides[-1]],
        **_exponentials(node),
        "scale": {"mantissa": node.scale.mantissa, "exponent": node.scale.exponent},
        "zero_point": tensors[-1].affine.zero_point,
    }
    if mask is None:
        op = "softmax_s8" if node.halving is None else "softmax_bitmap_s8"
        return Call(op, rows, tuple(reads), tuple(writes))
    masked: Params = {
        "rows": rows,
        "mask_stride": strides[2],
        "first": Table(mask.first, "tables"),
        "runs": Table(mask.runs, "tables"),
    }
    return Call("softmax_masked_s8", masked, tuple(reads), tuple(writes))


def _exponentials(node: Softmax) -> Params:
    if node.halving is not None:
        return {"multiplier": node.halving, "top": int(node.exp[0])}
    fine = None if node.fine is None else Table(node.fine, "tables")
    return {"exp": Table(node.exp, "tables"), "fine": fine}


def _others(view: View, axis: int) -> list[int]:
    return [other for other in range(len(view.shape)) if other != axis]


def _walkable(node: Softmax, view: View) -> bool:
    moved = view.transposed([*_others(view, node.axis), node.axis])
    return len(merge_axes(moved.shape[:-1], [moved.strides[:-1]])) <= _OUTER_AXES


def _accesses(p: Mapping[str, Any]) -> Accesses:
    shape = (p["outer0"], p["outer1"], p["length"])
    return Accesses((block(shape, p["x_stride"]),), block(shape, p["y_stride"]))


def _accesses_masked(p: Mapping[str, Any]) -> Accesses:
    return _accesses(p["rows"])


def _value(node: Softmax, x: Sequence[Ids], _: Shape) -> Ids:
    last = np.moveaxis(x[0], node.axis, -1)
    key = meaning.key_of(node)
    if node.kept is None:
        return np.moveaxis(meaning.row_wise(last, key), -1, node.axis)
    kept = np.moveaxis(np.broadcast_to(node.kept, x[0].shape), node.axis, -1)
    return np.moveaxis(meaning.masked_rows(last, key, kept), -1, node.axis)


def _makes(keys: Keys, node: Softmax, _: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return meaning.row_wise(x[0], keys.key(node))


def _makes_masked(keys: Keys, node: Softmax, p: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return meaning.masked_rows(x[0], keys.key(node), _kept(p, x[0].shape))


def _kept(p: Mapping[str, Any], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which scores take part, by the runs that the kernel is given."""
    first, runs = p["first"].values, p["runs"].values.reshape(-1, 2)
    stride = p["mask_stride"]
    row = np.arange(shape[0])[:, None] * stride[0] + np.arange(shape[1]) * stride[1]
    edges = np.zeros((len(first) - 1, shape[2] + 1), np.int64)
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    used = runs[first[0] : first[-1]]
    np.add.at(edges, (owner, used[:, 0]), 1)
    np.add.at(edges, (owner, used[:, 1]), -1)
    kept: NDArray[np.bool_] = (np.cumsum(edges, axis=1)[:, :-1] > 0)[row]
    return kept


SOFTMAX = Operator(
    node=Softmax,
    value=_value,
    bind=_bind,
    calls=(
        KernelCall("softmax_s8", _accesses, _makes, "same"),
        KernelCall("softmax_bitmap_s8", _accesses, _makes, "same"),
        KernelCall("softmax_masked_s8", _accesses_masked, _makes_masked, "same"),
    ),
    walkable=_walkable,
)
