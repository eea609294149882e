"""Products of two activations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyrig.generator.graph.ops import MatMul, Shape
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import Accesses, block
from tinyrig.generator.operators.axes import batched
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Table, requant_params
from tinyrig.generator.planning.view import View


def _bind(
    node: MatMul, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_matmul_s8: batch axes merged into two."""
    a, b = reads
    y = writes[0]
    batch, strides = batched(node, [a, b, y])
    macs = y.size * a.shape[-1]
    return Call(
        "matmul_s8",
        {
            "batch0": batch[0],
            "batch1": batch[1],
            "m": a.shape[-2],
            "k": a.shape[-1],
            "n": b.shape[-1],
            "a_stride": strides[0],
            "b_stride": strides[1],
            "y_stride": strides[2],
            "a_zero_point": tensors[0].affine.zero_point,
            "b_zero_point": tensors[1].affine.zero_point,
            "start": node.start,
            "requant": requant_params(node.requant),
            "lut": None if node.lut is None else Table(node.lut, "tables"),
        },
        tuple(reads),
        tuple(writes),
        macs=macs,
    )


def _accesses(p: Mapping[str, Any]) -> Accesses:
    batch, m, k, n = (p["batch0"], p["batch1"]), p["m"], p["k"], p["n"]
    a = block((*batch, m, k), p["a_stride"])
    b = block((*batch, k, n), p["b_stride"])
    return Accesses((a, b), block((*batch, m, n), p["y_stride"]))


def _value(node: MatMul, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.matmul(x[0], x[1], meaning.key_of(node))


def _makes(keys: Keys, node: MatMul, _: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return meaning.matmul(x[0], x[1], keys.key(node))


MATMUL = Operator(
    node=MatMul, value=_value, bind=_bind, calls=(KernelCall("matmul_s8", _accesses, _makes),)
)
