"""Gather where its rows cannot become a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinyrig.generator.graph.ops import Gather, Shape
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators.accesses import Accesses, Block, block
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Params, Table
from tinyrig.generator.planning.view import View, merge_axes


def _bind(node: Gather, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]) -> Call:
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


def _accesses(p: Mapping[str, Any]) -> Accesses:
    index = p["index"]
    assert isinstance(index, Table)
    shape = (p["outer"], p["count"], p["inner"])
    steps = index.values.astype(np.int64)
    x = Block(shape, (p["x_outer"], p["x_step"], p["x_inner"]), index=steps)
    return Accesses((x,), block(shape, (p["y_outer"], p["y_step"], p["y_inner"])))


def _makes(_: Keys, __: Gather, ___: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return x[0]


def _value(node: Gather, x: Sequence[Ids], _: Shape) -> Ids:
    return x[0].take(node.indices, axis=node.axis)


GATHER = Operator(
    node=Gather, value=_value, bind=_bind, calls=(KernelCall("gather_s8", _accesses, _makes),)
)
