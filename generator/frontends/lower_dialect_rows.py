"""Norms and softmaxes of the integer dialect, over the last axis."""

from __future__ import annotations

import numpy as np

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.dialect.requant_shift import levels_of, number, shift_of, whole
from tinyrig.generator.frontends.dialect.standard import DOMAIN
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.graph.requant import INT32_LIMIT, Int64Array
from tinyrig.generator.operators.integer_norm import LONGEST, IntegerNorm
from tinyrig.generator.operators.integer_softmax import IntegerSoftmax
from tinyrig.generator.operators.shift_softmax import FRACTION, ShiftSoftmax

_REACH = 255
_MOST_SHIFT = 31


@lowers(f"{DOMAIN}.iLayerNorm")
def lower_layer_norm(at: Lowering, node: SourceNode) -> None:
    """With weight and bias; the mean and the quotients are cut, the root is whole."""
    _norm(at, node, whole(at.constant(node.input(2)), f"the bias of {node}"), centred=True)


@lowers(f"{DOMAIN}.iRMSNorm")
def lower_rms_norm(at: Lowering, node: SourceNode) -> None:
    """The same about zero, without bias."""
    _norm(at, node, np.zeros(1, np.int64), centred=False)


@lowers(f"{DOMAIN}.iSoftmax")
def lower_softmax(at: Lowering, node: SourceNode) -> None:
    """I-BERT's exponential, in a table of 256 entries, and a division for each element."""
    _last_axis(at, node)
    a, b, c, log2 = (number(node, key) for key in ("coeffA", "coeffB", "coeffC", "log2"))
    require(node, log2 > 0, f"log2 {log2}", "a positive log2")
    below = -np.arange(_REACH + 1, dtype=np.int64)
    halvings = np.clip(-below // log2, 0, _MOST_SHIFT)
    powers = (a * (below + halvings * log2 + b) ** 2 + c) >> halvings
    x = at.tensor(node.inputs[0])
    top = levels_of(node) - 1
    most = int(powers.max()) * max(top, x.shape[-1])
    require(node, powers.min() >= 0 and powers[0] > 0, "powers below 0", "powers from 0 up")
    require(node, most < 2**32, f"sums up to {most}", "sums of 32 bits")
    y = at.output(node.outputs[0])
    at.builder.add(
        IntegerSoftmax(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            exp=powers.astype(np.uint32),
            top=top,
        )
    )
    at.bind(node.outputs[0], y)


@lowers(f"{DOMAIN}.ITAMax", f"{DOMAIN}.ITAPartialMax")
def lower_ita(at: Lowering, node: SourceNode) -> None:
    """Powers of two of whole exponents; ITAPartialMax sees a row in groups, and makes 7 bits."""
    _last_axis(at, node)
    x = at.tensor(node.inputs[0])
    length = x.shape[-1]
    levels = levels_of(node)
    partial = node.op.endswith("ITAPartialMax")
    group = number(node, "group_width") if partial else length
    whole_groups = group > 0 and length % group == 0
    require(node, whole_groups, f"groups of {group} in rows of {length}", "rows of whole groups")
    require(node, FRACTION * length < INT32_LIMIT, f"rows of {length}", "shorter ones")
    y = at.output(node.outputs[0])
    at.builder.add(
        ShiftSoftmax(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            group=group,
            top=levels // 2 - 1 if partial else levels - 1,
        )
    )
    at.bind(node.outputs[0], y)


def _last_axis(at: Lowering, node: SourceNode) -> None:
    rank = len(at.value(node.inputs[0]).shape)
    axis = number(node, "axis", -1) % rank
    require(node, axis == rank - 1, f"axis {axis}", "the last axis")


def _norm(at: Lowering, node: SourceNode, bias: Int64Array, *, centred: bool) -> None:
    x = at.tensor(node.inputs[0])
    length = x.shape[-1]
    weight = whole(at.constant(node.input(1)), f"the weight of {node}")
    require(node, length <= LONGEST, f"rows of {length}", f"rows of at most {LONGEST}")
    for data in (weight, bias):
        require(node, data.size in (1, length), f"constants of {data.size}", f"1 or {length}")
    wide = np.broadcast_to(weight.reshape(-1), (length,))
    added = np.broadcast_to(bias.reshape(-1), (length,))
    most = int((_REACH * np.abs(wide) + np.abs(added)).max())
    require(node, most < INT32_LIMIT, f"products up to {most}", "products of 32 bits")
    levels = levels_of(node)
    y = at.output(node.outputs[0])
    at.builder.add(
        IntegerNorm(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            weight=wide.astype(np.int32),
            bias=added.astype(np.int32),
            shift=shift_of(node, "D"),
            centred=centred,
            lo=-(levels // 2),
            hi=levels // 2 - 1,
        )
    )
    at.bind(node.outputs[0], y)
