"""Fused attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyrig.generator.graph.ops import Attention, Rounding, Shape
from tinyrig.generator.graph.tensor import INT8_MAX, Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import Accesses, block
from tinyrig.generator.operators.axes import batched
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Params, Table, requant_params
from tinyrig.generator.planning.view import View

_UNIT = 8


def _rounding_params(rounding: Rounding | None) -> Params:
    """Return the fields of `tr_rounding`, all 0 without one."""
    if rounding is None:
        none = dict.fromkeys(("channel_step", "shift", "narrow", "zero_point", "lo", "hi"), 0)
        return {"most": 0, "fine": None, "start": 0, "requant": {"multiplier": None, **none}}
    return {
        "most": INT8_MAX - rounding.zero_point,
        "fine": None if rounding.fine is None else Table(rounding.fine, "tables"),
        "start": rounding.start,
        "requant": requant_params(rounding.requant),
    }


def _bind(
    node: Attention, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_attention_s8: batch and heads as the two outer loops."""
    q, k, v = reads
    batch, strides = batched(node, [q, k, v, writes[0]])
    return Call(
        "attention_s8",
        {
            "batch0": batch[0],
            "batch1": batch[1],
            "s": q.shape[-2],
            "t": k.shape[-2],
            "p": q.shape[-1],
            "r": v.shape[-1],
            "q_stride": strides[0],
            "k_stride": strides[1],
            "k_slack": k.slack,
            "v_stride": strides[2],
            "y_stride": strides[3],
            "q_zero_point": tensors[0].affine.zero_point,
            "k_zero_point": tensors[1].affine.zero_point,
            "v_zero_point": tensors[2].affine.zero_point,
            "score_start": node.score_start,
            "score": requant_params(node.score),
            "exp": Table(node.exp, "tables"),
            "value": {"mantissa": node.value.mantissa, "exponent": node.value.exponent},
            "rounding": _rounding_params(node.rounding),
            "y_zero_point": tensors[3].affine.zero_point,
            "lo": node.lo,
            "hi": node.hi,
        },
        tuple(reads),
        tuple(writes),
        macs=(q.size + writes[0].size) * k.shape[-2],
    )


def _accesses(p: Mapping[str, Any]) -> Accesses:
    batch = (p["batch0"], p["batch1"])
    q = block((*batch, p["s"], p["p"]), p["q_stride"])
    k = block((*batch, p["t"], p["p"]), p["k_stride"])
    v = block((*batch, p["t"], p["r"]), p["v_stride"])
    y = block((*batch, p["s"], p["r"]), p["y_stride"])
    step, column = p["v_stride"][2:]
    padded = -(-p["t"] // _UNIT) * _UNIT
    extra = padded - p["t"] if step == 1 and column >= padded else 0
    return Accesses((q, k, v), y, spare=(0, k.end + p["k_slack"], v.end + extra))


def _value(node: Attention, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.attention(x[0], x[1], x[2], meaning.key_of(node))


def _makes(keys: Keys, node: Attention, _: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return meaning.attention(x[0], x[1], x[2], keys.key(node))


ATTENTION = Operator(
    node=Attention,
    value=_value,
    bind=_bind,
    calls=(KernelCall("attention_s8", _accesses, _makes, "queries"),),
)
