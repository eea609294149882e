"""Linear layers, whole and in parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import Linear, Shape
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import Accesses, block, sums
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Table, requant_params
from tinyrig.generator.planning.partial import FinishLinear, PartialLinear
from tinyrig.generator.planning.view import View


def _bind(node: Linear, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]) -> Call:
    """tr_linear_s8: leading axes of x and y merged into rows."""
    x, y = reads[0].rows(), writes[0].rows()
    if x is None or y is None:
        raise UnsupportedError(f"Node {node.name!r}: the rows of a linear layer do not merge.")
    return Call(
        "linear_s8",
        {
            "m": y[0],
            "k": node.weight.shape[1],
            "n": node.weight.shape[0],
            "x_row": x[1],
            "x_col": x[3],
            "y_row": y[1],
            "y_col": y[3],
            "weight": Table(node.weight, "weights"),
            "start": Table(node.start, "weights"),
            "requant": requant_params(node.requant),
            "lut": None if node.lut is None else Table(node.lut, "tables"),
        },
        tuple(reads),
        tuple(writes),
        macs=y[0] * node.weight.size,
    )


def _bind_part(
    node: PartialLinear, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_linear_s8_s32: rows of x into rows of sums."""
    x, acc = reads[0], writes[0]
    return Call(
        "linear_s8_s32",
        {
            "m": x.shape[0],
            "k": node.weight.shape[1],
            "n": node.weight.shape[0],
            "x_row": x.strides[0],
            "acc_row": acc.strides[0],
            "weight": Table(node.weight, "weights"),
            "start": Table(node.start, "weights") if node.first else None,
        },
        tuple(reads),
        tuple(writes),
        macs=x.shape[0] * node.weight.size,
    )


def _bind_end(
    node: FinishLinear, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_requant_s32_s8: sums into outputs, in place where they share memory."""
    acc, y = reads[0], writes[0].rows()
    if y is None:
        raise UnsupportedError(f"Node {node.name!r}: the rows of a linear layer do not merge.")
    return Call(
        "requant_s32_s8",
        {
            "m": acc.shape[0],
            "n": acc.shape[1],
            "acc_row": acc.strides[0],
            "y_row": y[1],
            "y_col": y[3],
            "requant": requant_params(node.requant),
            "lut": None if node.lut is None else Table(node.lut, "tables"),
        },
        tuple(reads),
        tuple(writes),
    )


def _accesses(p: Mapping[str, Any]) -> Accesses:
    x = block((p["m"], p["k"]), (p["x_row"], p["x_col"]))
    return Accesses((x,), block((p["m"], p["n"]), (p["y_row"], p["y_col"])))


def _accesses_part(p: Mapping[str, Any]) -> Accesses:
    x = block((p["m"], p["k"]), (p["x_row"], 1))
    return Accesses((x,), sums(p["m"], p["n"], p["acc_row"]), adds=p["start"] is None)


def _accesses_end(p: Mapping[str, Any]) -> Accesses:
    y = block((p["m"], p["n"]), (p["y_row"], p["y_col"]))
    return Accesses((sums(p["m"], p["n"], p["acc_row"]),), y)


def _value(node: Linear, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.linear(x[0].reshape(-1, node.weight.shape[1]), meaning.channel_keys(node))


def _makes(keys: Keys, node: Linear, _: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return meaning.linear(x[0], keys.channels(node))


LINEAR = Operator(
    node=Linear,
    value=_value,
    bind=_bind,
    calls=(KernelCall("linear_s8", _accesses, _makes, "rows"),),
)
PARTIAL_LINEAR = Operator(
    node=PartialLinear, bind=_bind_part, calls=(KernelCall("linear_s8_s32", _accesses_part),)
)
FINISH_LINEAR = Operator(
    node=FinishLinear,
    bind=_bind_end,
    calls=(KernelCall("requant_s32_s8", _accesses_end, order="sums"),),
)
