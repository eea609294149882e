"""Softmax, LogSoftmax and LayerNormalization."""

from __future__ import annotations

import math

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.lower_layout import reshaped, transposed
from tinyrig.generator.frontends.masks import kept_scores, masked_scores
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.graph.exponentials import softmax_tables
from tinyrig.generator.graph.logarithms import log_constants
from tinyrig.generator.graph.norm import norm_constants
from tinyrig.generator.graph.ops import LayerNorm, Softmax
from tinyrig.generator.graph.quantization import FloatArray
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.log_softmax import LogSoftmax

_PROBABILITY = Affine(1.0 / 255.0, -128)


@lowers("Softmax")
def lower_softmax(at: Lowering, node: SourceNode) -> None:
    """Softmax over any axis. Without a QuantizeLinear behind it the output is p = (q + 128) / 255.

    Before opset 13 the axes from `axis` on are one row. A masked softmax (masks.py) says which
    scores take part, and in which affine the source rounds them.
    """
    x = masked_scores(at, node)
    shape = x.shape
    x, axis = _one_axis(at, node, x)
    affine = at.wanted(node.outputs[0]) or _PROBABILITY
    tables = softmax_tables(x.affine.scale, x.shape[axis], affine.scale)
    y = at.builder.tensor(node.outputs[0], x.shape, affine)
    at.builder.add(
        Softmax(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            axis=axis,
            exp=tables.exp,
            scale=tables.scale,
            fine=tables.fine,
            kept=kept_scores(at, node, x.shape),
        )
    )
    at.bind(node.outputs[0], reshaped(at, node, y, shape))


@lowers("LogSoftmax")
def lower_log_softmax(at: Lowering, node: SourceNode) -> None:
    """LogSoftmax over any axis. Before opset 13 the axes from `axis` on are one row."""
    x = at.tensor(node.inputs[0])
    shape = x.shape
    affine = at.target(node.outputs[0])
    x, axis = _one_axis(at, node, x)
    # Exchanging two axes is its own inverse.
    order = list(range(len(x.shape)))
    order[axis], order[-1] = order[-1], order[axis]
    moved = axis != len(order) - 1
    if moved:
        x = transposed(at, node, x, tuple(order))
    y = at.builder.tensor(node.outputs[0], x.shape, affine)
    at.builder.add(
        LogSoftmax(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            **vars(log_constants(x.affine.scale, x.shape[-1], affine)),
        )
    )
    if moved:
        y = transposed(at, node, y, tuple(order))
    at.bind(node.outputs[0], reshaped(at, node, y, shape))


def _one_axis(at: Lowering, node: SourceNode, x: Tensor) -> tuple[Tensor, int]:
    """Return a softmax's operand and its axis: of several axes, one is made."""
    rank = len(x.shape)
    old = at.source.opset < 13
    axis = node.integer("axis", 1 if old else -1) % rank
    if not old or axis == rank - 1:
        return x, axis
    shape = (math.prod(x.shape[:axis]), math.prod(x.shape[axis:]))
    return reshaped(at, node, x, shape), 1


@lowers("LayerNormalization")
def lower_layernorm(at: Lowering, node: SourceNode) -> None:
    """LayerNormalization with constant scale and bias over the last axis, or all from `axis` on."""
    _lower_norm(at, node, centred=True)


@lowers("RMSNormalization", "com.microsoft.SimplifiedLayerNormalization")
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
    epsilon = node.real("epsilon", 1e-5)
    weight, start, normaliser, requant = norm_constants(
        gamma, beta, x.affine, affine, epsilon, centred=centred
    )
    y = at.builder.tensor(node.outputs[0], x.shape, affine)
    at.builder.add(
        LayerNorm(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            gamma=weight,
            start=start,
            normaliser=normaliser,
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
