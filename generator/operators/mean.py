"""The mean over axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import Mean, Shape
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import Accesses, block
from tinyrig.generator.operators.axes import leading
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Params, requant_params
from tinyrig.generator.planning.view import View, merge_axes

_AXES = 4


def _bind(node: Mean, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]) -> Call:
    """tr_mean_s8: kept and reduced axes merged apart."""
    x, y = reads[0], writes[0]
    kept = [axis for axis in range(len(x.shape)) if axis not in node.axes]
    y_strides = [s for axis, s in enumerate(y.strides) if not node.keepdims or axis in kept]
    outer = merge_axes([x.shape[a] for a in kept], [[x.strides[a] for a in kept], y_strides])
    inner = merge_axes([x.shape[a] for a in node.axes], [[x.strides[a] for a in node.axes]])
    if max(len(outer), len(inner)) > _AXES:
        raise UnsupportedError(f"Node {node.name!r}: a mean over {node.axes} of {x.shape}.")
    kept_extents, (x_kept, y_kept) = leading(outer, _AXES, 2)
    reduced, (x_reduced,) = leading(inner, _AXES, 1)
    params: Params = {
        "kept": kept_extents,
        "x_kept": x_kept,
        "y_kept": y_kept,
        "reduced": reduced,
        "x_reduced": x_reduced,
        "start": node.start,
        "requant": requant_params(node.requant),
    }
    return Call("mean_s8", params, tuple(reads), tuple(writes))


def _accesses(p: Mapping[str, Any]) -> Accesses:
    x = block((*p["kept"], *p["reduced"]), (*p["x_kept"], *p["x_reduced"]))
    return Accesses((x,), block(p["kept"], p["y_kept"]))


def _value(node: Mean, x: Sequence[Ids], _: Shape) -> Ids:
    kept = [axis for axis in range(x[0].ndim) if axis not in node.axes]
    moved = x[0].transpose(*kept, *node.axes)
    count = int(np.prod([x[0].shape[axis] for axis in node.axes]))
    return meaning.mean(moved.reshape(-1, count), meaning.key_of(node))


def _makes(keys: Keys, node: Mean, p: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    count = int(np.prod(p["reduced"]))
    return meaning.mean(x[0].reshape(-1, count), keys.key(node)).reshape(p["kept"])


MEAN = Operator(
    node=Mean, value=_value, bind=_bind, calls=(KernelCall("mean_s8", _accesses, _makes),)
)
