"""What rounding adds to a layer's channels on average, taken off their biases.

Rounded weights and clipped ranges move the mean of a channel; where its inputs are far from zero
on average that is more than their noise. Layer after layer, the mean over the calibration inputs
and all places is compared with the float model's, and the bias is less by the difference, which is
exact for those inputs up to the bias's own rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import onnx

from tinyrig.generator.frontends.source import Source, SourceNode, Value
from tinyrig.generator.frontends.writer import model_of
from tinyrig.suite.models.layers import Floats, Layer, layers_of, shown_axes
from tinyrig.suite.models.sessions import Feed, showing

_MOST_FEEDS = 32


def corrected(
    source: Source, feeds: Sequence[Feed], quantized: Callable[[Source], onnx.ModelProto]
) -> Source:
    """Return a float source whose biases make up for what `quantized` rounds.

    A MatMul without a bias is left alone. Raises InputError as `showing` does.
    """
    feeds = feeds[:: max(1, len(feeds) // _MOST_FEEDS)][:_MOST_FEEDS]
    layers = [one for one in layers_of(source) if one.add or one.product.op != "MatMul"]
    axes = {_writer(layer).name: layer.axis for layer in layers}
    wanted = _means(model_of(source), axes, feeds) if layers else {}
    for name in axes:
        layer = next(one for one in layers_of(source) if _writer(one).name == name)
        found = _means(quantized(source), {name: layer.axis}, feeds)[name]
        source = _with_bias(source, layer, wanted[name] - found)
    return source


def _writer(layer: Layer) -> SourceNode:
    return layer.add or layer.product


def _means(
    model: onnx.ModelProto, axes: Mapping[str, int], feeds: Sequence[Feed]
) -> dict[str, Floats]:
    """Return the mean of every channel of what the named nodes write."""
    tensors = {node.output[0]: node.name for node in model.graph.node if node.name in axes}
    sums: dict[str, Floats] = {}
    for values in showing(model, list(tensors), feeds):
        for tensor, value in values.items():
            name = tensors[tensor]
            mean = value.astype(np.float64).mean(axis=shown_axes(value.shape, axes[name]))
            sums[name] = sums.get(name, np.zeros_like(mean)) + mean
    return {name: total / len(feeds) for name, total in sums.items()}


def _with_bias(source: Source, layer: Layer, more: Floats) -> Source:
    old = source.values[layer.bias].data if layer.bias else np.zeros_like(more)
    assert old is not None
    name = f"{layer.output}:corrected"
    data = old.astype(np.float64) + more.reshape(old.shape)
    node = _writer(layer)
    if layer.bias:
        inputs = tuple(name if one == layer.bias else one for one in node.inputs)
    else:
        inputs = (*node.inputs[:2], name)
    changed = replace(node, inputs=inputs)
    nodes = tuple(changed if one.name == node.name else one for one in source.nodes)
    values = {**source.values, name: Value(name, data.shape, data)}
    return replace(source, nodes=nodes, values=values)
