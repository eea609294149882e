"""Channels that pruning killed: their constants folded onward, and they removed.

A convolution's or a dense layer's channel whose weights are all zero is its bias everywhere. Left
in, such constants may stretch a tensor's range far beyond what the living channels need, and cost
8-bit accuracy, memory and time. They pass activations, poolings and depthwise convolutions and end
in the next layer's bias. A padded convolution sees zeros around the image and not the constant:
a channel that is not zero stays before one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.frontends.matching import View, axes_of
from tinyrig.generator.frontends.source import Source, SourceNode, Value

Constants = Mapping[int, float]
"""Channels and what each is everywhere."""

_CHANNEL, _IMAGE_RANK = 1, 4


def without_killed_channels(source: Source) -> Source:
    """Return a float source without constant channels, where its function stays the same."""
    for index in range(len(source.nodes)):
        source = _fold_layer(source, source.nodes[index])
    return source


def _fold_layer(source: Source, layer: SourceNode) -> Source:
    view = View(source)
    name = layer.outputs[0]
    gone = {
        channel: value
        for channel, value in _dead_channels(view, layer).items()
        if _absorbed(view, name, channel, value)
    }
    if not gone or len(gone) == source.values[name].shape[_CHANNEL]:
        return source
    edit = _Edit(view, dict(source.values))
    edit.drop_rows(layer, gone)
    edit.fold(name, gone)
    nodes = tuple(edit.nodes.get(node.outputs[0], node) for node in source.nodes)
    return replace(source, values=edit.values, nodes=nodes)


def _dead_channels(view: View, layer: SourceNode) -> dict[int, float]:
    """Return the constant channels of a layer's output."""
    if not _is_layer(view, layer) or layer.integer("group", 1) != 1:
        return {}
    rows = _rows(view, layer)
    dead = np.flatnonzero(~rows.any(axis=tuple(range(1, rows.ndim))))
    bias = _bias(view, layer, len(rows))
    return {int(channel): float(bias[channel]) for channel in dead}


def _is_layer(view: View, node: SourceNode) -> bool:
    """Whether a node is a Conv or Gemm whose constants are its own."""
    if node.op not in ("Conv", "Gemm"):
        return False
    channels = view.source.values[node.outputs[0]].shape[_CHANNEL]
    for name, shape in ((node.inputs[1], None), (node.input(2), (channels,))):
        value = view.constant(name) if name else None
        if name and (value is None or len(view.readers[name]) != 1):
            return False
        if shape is not None and value is not None and value.shape != shape:
            return False
    factors = node.real("alpha", 1.0) == node.real("beta", 1.0) == 1.0
    return node.op == "Conv" or (factors and node.integer("transA", 0) == 0)


def _is_depthwise(view: View, node: SourceNode) -> bool:
    inputs, outputs = (
        view.source.values[name].shape[_CHANNEL] for name in (node.inputs[0], node.outputs[0])
    )
    return node.op == "Conv" and node.integer("group", 1) == inputs == outputs > 1


def _rows(view: View, layer: SourceNode) -> NDArray[np.float64]:
    """Return weights with output channels first and input channels second."""
    data = view.source.values[layer.inputs[1]].data
    assert data is not None
    return data.T if layer.op == "Gemm" and layer.integer("transB", 0) == 0 else data


def _bias(view: View, layer: SourceNode, channels: int) -> NDArray[np.float64]:
    value = view.constant(layer.input(2)) if layer.input(2) else None
    data = None if value is None else value.data
    return np.zeros(channels) if data is None else data


def _is_padded(node: SourceNode) -> bool:
    automatic = node.op == "Conv" and node.text("auto_pad", "NOTSET") not in ("NOTSET", "VALID")
    return automatic or any(node.integers("pads") or ())


def _absorbed(view: View, name: str, channel: int, value: float) -> bool:
    """Whether all that reads a tensor can do without a channel."""
    shown = name in {inner for _, inner in view.source.outputs}
    readers = view.readers[name]
    return (
        not shown
        and bool(readers)
        and all(node.inputs[0] == name for node in readers)
        and all(_takes(view, node, channel, value) for node in readers)
    )


def _takes(view: View, node: SourceNode, channel: int, value: float) -> bool:
    passed = _passed(view, node, {channel: value})
    if passed is not None:
        return _absorbed(view, node.outputs[0], channel, passed[channel])
    is_dense = _is_layer(view, node) and node.integer("group", 1) == 1
    return is_dense and (value == 0.0 or not _is_padded(node))


def _passed(view: View, node: SourceNode, constants: Constants) -> Constants | None:
    """Return what channels are behind a node that takes each by itself, None for another."""
    match node.op:
        case "Relu":
            return {channel: max(value, 0.0) for channel, value in constants.items()}
        case "Clip":
            return _clipped(view, node, constants)
        case "GlobalAveragePool" | "ReduceMean" | "Flatten":
            return constants if _keeps_channels(view, node) else None
        case "Conv" if _is_depthwise(view, node) and _is_layer(view, node):
            if _is_padded(node) and any(constants.values()):
                return None
            rows = _rows(view, node)
            bias = _bias(view, node, len(rows))
            return {c: float(value * rows[c].sum() + bias[c]) for c, value in constants.items()}
    return None


def _clipped(view: View, node: SourceNode, constants: Constants) -> Constants | None:
    limits = [-np.inf, np.inf]
    for slot, name in enumerate(node.inputs[1:]):
        value = view.constant(name) if name else None
        if name and (value is None or value.data is None):
            return None
        if value is not None and value.data is not None:
            limits[slot] = float(value.data.reshape(-1)[0])
    low, high = limits
    return {channel: min(max(value, low), high) for channel, value in constants.items()}


def _keeps_channels(view: View, node: SourceNode) -> bool:
    """Whether a pooling or flattening gives one element a channel of one value a channel."""
    before, after = (view.source.values[n].shape for n in (node.inputs[0], node.outputs[0]))
    if node.op == "Flatten":
        return before[:2] == after and len(before) == _IMAGE_RANK
    whole = axes_of(node, view.source, len(before)) == tuple(range(2, len(before)))
    return node.op == "GlobalAveragePool" or whole


@dataclass
class _Edit:
    """Values and nodes, by their first output, as they become."""

    view: View
    values: dict[str, Value]
    nodes: dict[str, SourceNode] = field(default_factory=dict)

    def fold(self, name: str, gone: Constants) -> None:
        """Take channels out of a tensor and out of all that reads it."""
        self._shrink(name, gone)
        for node in self.view.readers[name]:
            passed = _passed(self.view, node, gone)
            if passed is None:
                self._into_bias(node, gone)
                continue
            if node.op == "Conv":
                self.drop_rows(node, gone)
                groups = node.integer("group", 1) - len(gone)
                changed = {**node.attributes, "group": groups}
                self.nodes[node.outputs[0]] = replace(node, attributes=changed)
            self.fold(node.outputs[0], passed)

    def drop_rows(self, layer: SourceNode, gone: Constants) -> None:
        """Take output channels out of a layer's weights and bias."""
        rows = np.delete(_rows(self.view, layer), list(gone), axis=0)
        self._set(layer.inputs[1], self._turned(layer, rows))
        if layer.input(2):
            kept = np.delete(_bias(self.view, layer, 0), list(gone))
            self._set(layer.input(2), kept)

    def _into_bias(self, layer: SourceNode, gone: Constants) -> None:
        rows = _rows(self.view, layer)
        share = sum(
            value * rows[:, channel].reshape(len(rows), -1).sum(axis=1)
            for channel, value in gone.items()
        )
        self._set(layer.inputs[1], self._turned(layer, np.delete(rows, list(gone), axis=1)))
        name = layer.input(2) or f"{layer.outputs[0]}:bias"
        bias = _bias(self.view, layer, len(rows)) + share
        self.values[name] = Value(name, bias.shape, bias)
        self.nodes[layer.outputs[0]] = replace(layer, inputs=(*layer.inputs[:2], name))

    def _turned(self, layer: SourceNode, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        turned = layer.op == "Gemm" and layer.integer("transB", 0) == 0
        return np.ascontiguousarray(rows.T if turned else rows)

    def _set(self, name: str, data: NDArray[np.float64]) -> None:
        self.values[name] = replace(self.values[name], shape=data.shape, data=data)

    def _shrink(self, name: str, gone: Constants) -> None:
        shape = list(self.values[name].shape)
        shape[_CHANNEL] -= len(gone)
        self.values[name] = replace(self.values[name], shape=tuple(shape))
