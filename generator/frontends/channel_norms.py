"""Norms over an image's channels, written as what runs: a norm of rows, and a 1x1 convolution.

BatchNormalization multiplies and shifts each channel by constants: a depthwise 1x1 convolution.
InstanceNormalization and GroupNormalization are rows of LayerNormalization, one for each channel or
group of them, and that convolution behind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.source import ConstantArray, Parts, SourceNode, Value

CHANNEL_NORMS = frozenset({"BatchNormalization", "InstanceNormalization", "GroupNormalization"})


def normed(node: SourceNode, operands: Sequence[Value | None]) -> Parts:
    """Return a norm over channels as nodes that run.

    Raises UnsupportedError where its parameters are computed at run time, or do not fit.
    """
    x, *parameters = operands
    if x is None or len(x.shape) < 2:
        raise UnsupportedError(f"{node} lacks its channels; supported are inputs [N, C, ...].")
    if node.op == "BatchNormalization":
        scale, shift, mean, variance = (_row(node, x, value) for value in _four(node, parameters))
        factor = scale / np.sqrt(variance + node.real("epsilon", 1e-5))
        return _scaled(node, x, x.name, factor, shift - mean * factor)
    groups = x.shape[1]
    if node.op == "GroupNormalization":
        groups = node.integer("num_groups", 1)
    if groups < 1 or x.shape[1] % groups or len(parameters) < 2:
        raise UnsupportedError(
            f"{node} has {groups} groups of {x.shape[1]} channels; supported: a divisor."
        )
    scale, shift = (_row(node, x, value, groups) for value in parameters[:2])
    return _of_groups(node, x, groups, scale, shift)


def _of_groups(
    node: SourceNode, x: Value, groups: int, scale: ConstantArray, shift: ConstantArray
) -> Parts:
    """Rows of one group each, normalised, and scaled by channel where they are scaled."""
    out, cells = node.outputs[0], math.prod(x.shape[1:]) // groups
    rows, target = (x.shape[0] * groups, cells), _shape_constant(f"{out}:rows", x, groups, cells)
    gain = Value(f"{out}:gain", (cells,), np.ones(cells))
    plain = bool(np.all(scale == 1.0) and not shift.any())
    back = _constant(f"{out}:shape", np.asarray(x.shape, dtype=np.int64))
    whole = out if plain else f"{out}:normed"
    epsilon = {"axis": -1, "epsilon": node.real("epsilon", 1e-5)}
    nodes = [
        SourceNode("Reshape", f"{node.name}.rows", (x.name, target.name), (f"{out}:as_rows",)),
        SourceNode(
            "LayerNormalization",
            node.name,
            (f"{out}:as_rows", gain.name),
            (f"{out}:normed_rows",),
            epsilon,
        ),
        SourceNode("Reshape", f"{node.name}.back", (f"{out}:normed_rows", back.name), (whole,)),
    ]
    inner = [
        Value(f"{out}:as_rows", rows),
        Value(f"{out}:normed_rows", rows),
        Value(whole, x.shape),
    ]
    values = [target, gain, back, *inner]
    if not plain:
        scaled = _scaled(node, x, whole, scale, shift)
        nodes += scaled.nodes
        values += scaled.values
    return Parts(tuple(nodes), tuple(values))


def _scaled(
    node: SourceNode, x: Value, name: str, scale: ConstantArray, shift: ConstantArray
) -> Parts:
    """Each channel of value `name` scaled and shifted."""
    out, channels, rank = node.outputs[0], x.shape[1], len(x.shape)
    if rank > 2:
        weight = _constant(f"{out}:weight", scale.reshape(-1, *(1,) * (rank - 1)))
        bias = _constant(f"{out}:bias", shift)
        made = SourceNode(
            "Conv",
            f"{node.name}.scale",
            (name, weight.name, bias.name),
            (out,),
            {"group": channels, "kernel_shape": (1,) * (rank - 2)},
        )
        return Parts((made,), (weight, bias, Value(out, x.shape)))
    weight, bias = _constant(f"{out}:weight", scale), _constant(f"{out}:bias", shift)
    product = Value(f"{out}:product", x.shape)
    nodes = (
        SourceNode("Mul", f"{node.name}.scale", (name, weight.name), (product.name,)),
        SourceNode("Add", f"{node.name}.shift", (product.name, bias.name), (out,)),
    )
    return Parts(nodes, (weight, bias, product, Value(out, x.shape)))


def _shape_constant(name: str, x: Value, groups: int, cells: int) -> Value:
    return _constant(name, np.asarray([x.shape[0] * groups, cells], dtype=np.int64))


def _constant(name: str, data: ConstantArray) -> Value:
    return Value(name, data.shape, data)


def _four(node: SourceNode, parameters: Sequence[Value | None]) -> Sequence[Value | None]:
    if len(parameters) < 4 or node.integer("training_mode", 0):
        raise UnsupportedError(f"{node} is in training mode; supported is inference only.")
    return parameters[:4]


def _row(node: SourceNode, x: Value, value: Value | None, groups: int = 0) -> ConstantArray:
    """Return a constant parameter for each channel; one a group is repeated."""
    if value is None or value.data is None:
        raise UnsupportedError(f"{node} has parameters computed at run time; supported: constants.")
    data, channels = value.data.reshape(-1), x.shape[1]
    if groups and data.size == groups != channels:
        data = np.repeat(data, channels // groups)
    if data.size != channels:
        raise UnsupportedError(
            f"{node} has a parameter of {data.size} elements; supported: {channels}, one a channel."
        )
    return np.asarray(data, dtype=np.float64)
