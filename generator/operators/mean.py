"""The mean over axes, and how operators walk the axes they reduce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import Mean, Node, Shape
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import Accesses, block
from tinyrig.generator.operators.axes import leading
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Params, requant_params
from tinyrig.generator.planning.view import View, merge_axes

_AXES = 4


def reduction(
    node: Any, axes: tuple[int, ...], reads: Sequence[View], writes: Sequence[View]
) -> Params:
    """Return the walk of a node over kept and reduced axes, each merged apart."""
    x, y = reads[0], writes[0]
    kept = [axis for axis in range(len(x.shape)) if axis not in axes]
    y_strides = [s for axis, s in enumerate(y.strides) if not node.keepdims or axis in kept]
    outer = merge_axes([x.shape[a] for a in kept], [[x.strides[a] for a in kept], y_strides])
    inner = merge_axes([x.shape[a] for a in axes], [[x.strides[a] for a in axes]])
    if max(len(outer), len(inner)) > _AXES:
        raise UnsupportedError(f"Node {node.name!r}: a {node.op} over {axes} of {x.shape}.")
    kept_extents, (x_kept, y_kept) = leading(outer, _AXES, 2)
    reduced, (x_reduced,) = leading(inner, _AXES, 1)
    return {
        "kept": kept_extents,
        "x_kept": x_kept,
        "y_kept": y_kept,
        "reduced": reduced,
        "x_reduced": x_reduced,
    }


def reduced_accesses(p: Mapping[str, Any]) -> Accesses:
    """All of x, and the kept axes of y."""
    x = block((*p["kept"], *p["reduced"]), (*p["x_kept"], *p["x_reduced"]))
    return Accesses((x,), block(p["kept"], p["y_kept"]))


def reduced_value(node: Node, axes: tuple[int, ...], x: Ids) -> Ids:
    """The numbers of a node that makes an element of all along `axes`."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    count = int(np.prod([x.shape[axis] for axis in axes]))
    return meaning.mean(x.transpose(*kept, *axes).reshape(-1, count), meaning.key_of(node))


def reduced_makes(keys: Keys, node: Node, p: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    """The same of a call's blocks."""
    count = int(np.prod(p["reduced"]))
    return meaning.mean(x[0].reshape(-1, count), keys.key(node)).reshape(p["kept"])


def _bind(node: Mean, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]) -> Call:
    """tr_mean_s8."""
    params: Params = {
        **reduction(node, node.axes, reads, writes),
        "start": node.start,
        "requant": requant_params(node.requant),
    }
    return Call("mean_s8", params, tuple(reads), tuple(writes))


def _value(node: Mean, x: Sequence[Ids], _: Shape) -> Ids:
    return reduced_value(node, node.axes, x[0])


MEAN = Operator(
    node=Mean,
    value=_value,
    bind=_bind,
    calls=(KernelCall("mean_s8", reduced_accesses, reduced_makes),),
)
