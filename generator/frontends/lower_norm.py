"""Softmax and LayerNormalization."""

from __future__ import annotations

import math

import numpy as np

from generator.errors import UnsupportedError
from generator.frontends.context import Lowering, require
from generator.frontends.lower_layout import reshaped
from generator.frontends.source import SourceNode
from generator.graph.ops import LayerNorm, Softmax
from generator.graph.quantization import FloatArray
from generator.graph.requant import (
    RangeError,
    exp_table,
    norm_constants,
    row_scale,
)
from generator.graph.tensor import Affine

_PROBABILITY = Affine(1.0 / 255.0, -128)
_VARIANCE_LIMIT = 2**62


def lower_softmax(at: Lowering, node: SourceNode) -> None:
    """Softmax over any axis. Without a QuantizeLinear behind it the output is p = (q + 128) / 255.

    Before opset 13 the axes from `axis` on are one row.
    """
    x = at.tensor(node.inputs[0])
    rank = len(x.shape)
    old = at.source.opset < 13
    axis = node.integer("axis", 1 if old else -1) % rank
    shape = x.shape
    if old and axis != rank - 1:
        x = reshaped(at, node, x, (math.prod(shape[:axis]), math.prod(shape[axis:])))
        axis = 1
    affine = at.wanted(node.outputs[0]) or _PROBABILITY
    exp = exp_table(x.affine.scale, x.shape[axis])
    y = at.builder.tensor(node.outputs[0], x.shape, affine)
    at.builder.add(
        Softmax(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            axis=axis,
            exp=exp,
            scale=row_scale(2.0**-8 / affine.scale, int(exp[0]), x.shape[axis]),
        )
    )
    at.bind(node.outputs[0], reshaped(at, node, y, shape))


def lower_layernorm(at: Lowering, node: SourceNode) -> None:
    """LayerNormalization with constant scale and bias over the last axis, or all from `axis` on."""
    _lower_norm(at, node, centred=True)


def lower_rmsnorm(at: Lowering, node: SourceNode) -> None:
    """RMSNormalization: as LayerNormalization, but about zero, and without a bias."""
    _lower_norm(at, node, centred=False)


def _lower_norm(at: Lowering, node: SourceNode, centred: bool) -> None:
    extra = [name for name in node.outputs[1:] if name]
    require(node, not extra, "a Mean or InvStdDev output", "the normalised output only")
    x = at.tensor(node.inputs[0])
    shape = x.shape
    axis = node.integer("axis", -1) % len(shape)
    length = math.prod(shape[axis:])
    x = reshaped(at, node, x, (*shape[:axis], length))
    gamma = _row(at, node, node.inputs[1], shape[axis:])
    beta = _row(at, node, node.input(2), shape[axis:])
    affine = at.target(node.outputs[0])
    epsilon = node.real("epsilon", 1e-5) * (length / x.affine.scale) ** 2
    if not 0.0 <= length * length * 128.0 * 128.0 + epsilon < _VARIANCE_LIMIT or epsilon < 0.0:
        raise RangeError(f"a row of {length} elements with its epsilon leaves 62 bits")
    eps = max(1, round(epsilon))
    weight, start, requant = norm_constants(gamma, beta, affine)
    y = at.builder.tensor(node.outputs[0], x.shape, affine)
    at.builder.add(
        LayerNorm(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            gamma=weight,
            start=start,
            eps=eps,
            requant=requant,
            centred=centred,
        )
    )
    at.bind(node.outputs[0], reshaped(at, node, y, shape))


def _row(at: Lowering, node: SourceNode, name: str, shape: tuple[int, ...]) -> FloatArray:
    """Return a constant scale or bias as one row of the normalised axes."""
    if not name:
        return np.zeros(math.prod(shape))
    value = at.constant(name)
    if value is None or value.data is None or not np.all(np.isfinite(value.data)):
        raise UnsupportedError(
            f"{node} has the scale or bias {name!r}, which is not a constant of finite numbers; "
            "supported are constants."
        )
    data = value.data.astype(np.float64)
    try:
        row = np.broadcast_to(data, (1,) * max(data.ndim - len(shape), 0) + shape)
    except ValueError as error:
        raise UnsupportedError(
            f"{node} has the scale or bias {name!r} of shape {list(data.shape)}; supported are "
            f"shapes that broadcast to {list(shape)}."
        ) from error
    return row.reshape(-1)
