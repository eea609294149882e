"""Channels that pruning killed: their constants folded onward, and they removed.

A convolution's or a dense layer's channel whose weights are all zero is its bias everywhere. Left
in, such constants may stretch a tensor's range far beyond what the living channels need, and cost
8-bit accuracy, memory and time. They pass activations, poolings and depthwise convolutions and end
in the next layer's bias. A padded convolution sees zeros around the image and not the constant:
a channel that is not zero stays before one.

Where a residual adds them, a channel goes if it is constant in all tensors that are added. Of one
that only some are, the constant moves behind the sum, into the biases of what reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.frontends.matching import View, axes_of
from tinyrig.generator.frontends.source import Source, SourceNode, Value

Constants = Mapping[int, float]
"""Channels and what each is everywhere."""

_CHANNEL, _IMAGE_RANK = 1, 4
_POOLS = ("GlobalAveragePool", "ReduceMean", "Flatten")
"""What a shift of a channel passes as it is."""


def without_killed_channels(source: Source) -> Source:
    """Return a float source without constant channels, where its function stays the same."""
    for index in range(len(source.nodes)):
        source = _fold_layer(source, source.nodes[index])
    for index in range(len(source.nodes)):
        source = _move_constants(source, source.nodes[index])
    return source


def _fold_layer(source: Source, layer: SourceNode) -> Source:
    view = View(source)
    name = layer.outputs[0]
    reach = _reach(view, name) if _dead_channels(view, layer) else None
    if reach is None:
        return source
    constants = {tensor: _constants(view, tensor) for tensor in reach.tensors}
    gone = {
        channel
        for channel in constants[name]
        if all(channel in found for found in constants.values())
        and not any(_is_padded(sink) and constants[sink.inputs[0]][channel] for sink in reach.sinks)
    }
    if not gone or len(gone) == source.values[name].shape[_CHANNEL]:
        return source
    edit = _Edit(view, dict(source.values))
    edit.drop(reach, {tensor: _only(found, gone) for tensor, found in constants.items()})
    return edit.source()


def _only(constants: Constants, channels: Collection[int]) -> Constants:
    return {channel: value for channel, value in constants.items() if channel in channels}


@dataclass(frozen=True)
class _Reach:
    """The tensors that have a channel in common, by name; `sinks` are the layers they end in.

    `layers` write some of them, `between` take each channel by itself.
    """

    tensors: tuple[str, ...]
    layers: tuple[SourceNode, ...]
    between: tuple[SourceNode, ...]
    sinks: tuple[SourceNode, ...]


def _reach(view: View, name: str) -> _Reach | None:
    """Return what a tensor's channels reach, None where that is more than layers can do without."""
    found, waiting = dict[str, None](), [name]
    layers, between, sinks = (dict[str, SourceNode]() for _ in range(3))
    shown = _shown(view)
    while waiting:
        tensor = waiting.pop()
        if tensor in found:
            continue
        found[tensor] = None
        writer, readers = view.writers.get(tensor), view.readers[tensor]
        if writer is None or tensor in shown or not readers:
            return None
        (between if _is_between(view, writer) else layers)[writer.outputs[0]] = writer
        for node in readers:
            if _is_between(view, node):
                between[node.outputs[0]] = node
            elif node.inputs[0] == tensor and _is_dense(view, node):
                sinks[node.outputs[0]] = node
            else:
                return None
        linked = [node for node in (writer, *readers) if node.outputs[0] in between]
        waiting += [other for node in linked for other in (*_operands(node), node.outputs[0])]
    return _Reach(tuple(found), *(tuple(of.values()) for of in (layers, between, sinks)))


def _shown(view: View) -> Collection[str]:
    """The tensors that are outputs of the network."""
    return {inner for _, inner in view.source.outputs}


def _operands(node: SourceNode) -> tuple[str, ...]:
    """The activations of a node that takes each channel by itself."""
    return node.inputs[:2] if node.op == "Add" else node.inputs[:1]


def _is_between(view: View, node: SourceNode) -> bool:
    return _passed(view, node, {}) is not None


def _is_dense(view: View, node: SourceNode) -> bool:
    return _is_layer(view, node) and node.integer("group", 1) == 1


def _constants(view: View, name: str) -> Constants:
    """Return the channels of a tensor that are constant, and what they are."""
    writer = view.writers.get(name)
    if writer is None:
        return {}
    if not _is_between(view, writer):
        return _dead_channels(view, writer)
    first, *others = (_constants(view, operand) for operand in _operands(writer))
    for other in others:
        first = {c: value + other[c] for c, value in first.items() if c in other}
    return _passed(view, writer, first) or {}


def _move_constants(source: Source, layer: SourceNode) -> Source:
    """Move the constants of a layer whose channels a residual adds to others behind the sum."""
    view = View(source)
    dead = {c: value for c, value in _dead_channels(view, layer).items() if value}
    end = _residual_behind(view, layer.outputs[0]) if dead else None
    if end is None or layer.input(2) == "":
        return source
    name, add = end
    zero = _passed_along(view, layer.outputs[0], name, dict.fromkeys(dead, 0.0))
    full = _passed_along(view, layer.outputs[0], name, dead)
    moved = {c: full[c] - zero[c] for c in dead if c in zero and c in full}
    sinks = _shift_sinks(view, add.outputs[0])
    if sinks is None or not any(moved.values()):
        return source
    edit = _Edit(view, dict(source.values))
    edit.set_bias(layer, dict.fromkeys(moved, 0.0))
    for sink in sinks:
        edit.shift(sink, moved)
    return edit.source()


def _residual_behind(view: View, name: str) -> tuple[str, SourceNode] | None:
    """Return the operand of the one Add that a tensor ends in, and that Add."""
    while len(view.readers[name]) == 1 and name not in _shown(view):
        (node,) = view.readers[name]
        if not _is_between(view, node):
            return None
        if node.op == "Add":
            return name, node
        name = node.outputs[0]
    return None


def _passed_along(view: View, name: str, end: str, constants: Constants) -> Constants:
    while name != end:
        (node,) = view.readers[name]
        constants = _passed(view, node, constants) or {}
        name = node.outputs[0]
    return constants


def _shift_sinks(view: View, name: str) -> list[SourceNode] | None:
    """Return the layers, each as often, that a shift of a tensor's channels ends in, or None."""
    if name in _shown(view) or not view.readers[name]:
        return None
    found: list[SourceNode] = []
    for node in view.readers[name]:
        if node.op in ("Add", *_POOLS) and _is_between(view, node):
            behind = _shift_sinks(view, node.outputs[0])
            if behind is None:
                return None
            found += behind
        elif node.inputs[0] == name and _is_dense(view, node) and not _is_padded(node):
            found.append(node)
        else:
            return None
    return found


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


def _passed(view: View, node: SourceNode, constants: Constants) -> Constants | None:
    """Return what channels are behind a node that takes each by itself, None for another.

    An Add of two tensors leaves constants as they are: they are both operands' already.
    """
    match node.op:
        case "Add":
            return constants if _adds_channels(view, node) else None
        case "Relu":
            return {channel: max(value, 0.0) for channel, value in constants.items()}
        case "Clip":
            return _clipped(view, node, constants)
        case op if op in _POOLS:
            return constants if _keeps_channels(view, node) else None
        case "Conv" if _is_depthwise(view, node) and _is_layer(view, node):
            padded, rows = _is_padded(node), _rows(view, node)
            bias = _bias(view, node, len(rows))
            return {
                c: float(value * rows[c].sum() + bias[c])
                for c, value in constants.items()
                if value == 0.0 or not padded
            }
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


def _adds_channels(view: View, node: SourceNode) -> bool:
    """Whether a sum is of two tensors of one shape, none of them a constant."""
    shapes = {view.source.values[name].shape for name in (*node.inputs[:2], node.outputs[0])}
    return len(shapes) == 1 and not any(map(view.constant, node.inputs[:2]))


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

    def source(self) -> Source:
        """Return the source with the changed values and nodes."""
        nodes = tuple(self.nodes.get(node.outputs[0], node) for node in self.view.source.nodes)
        return replace(self.view.source, values=self.values, nodes=nodes)

    def drop(self, reach: _Reach, gone: Mapping[str, Constants]) -> None:
        """Take the constant channels out of every tensor of a reach, and of all that is at it."""
        for tensor in reach.tensors:
            self._shrink(tensor, gone[tensor])
        for layer in reach.layers:
            self.drop_rows(layer, gone[layer.outputs[0]])
        for node in reach.between:
            if node.op == "Conv":
                self.drop_rows(node, gone[node.outputs[0]])
                groups = node.integer("group", 1) - len(gone[node.outputs[0]])
                changed = {**node.attributes, "group": groups}
                self.nodes[node.outputs[0]] = replace(node, attributes=changed)
        for sink in reach.sinks:
            constants = gone[sink.inputs[0]]
            self.shift(sink, constants)
            rows = _rows(self.view, sink)
            self._set(sink.inputs[1], self._turned(sink, np.delete(rows, list(constants), axis=1)))

    def drop_rows(self, layer: SourceNode, gone: Constants) -> None:
        """Take output channels out of a layer's weights and bias."""
        rows = np.delete(_rows(self.view, layer), list(gone), axis=0)
        self._set(layer.inputs[1], self._turned(layer, rows))
        if layer.input(2):
            kept = np.delete(_bias(self.view, layer, 0), list(gone))
            self._set(layer.input(2), kept)

    def set_bias(self, layer: SourceNode, values: Constants) -> None:
        """Set what channels of a layer begin with."""
        bias = np.array(self.values[layer.inputs[2]].data)
        bias[list(values)] = list(values.values())
        self._set(layer.inputs[2], bias)

    def shift(self, layer: SourceNode, by: Constants) -> None:
        """Add to a layer's bias what constants of its input's channels are worth."""
        rows = _rows(self.view, layer)
        share = sum(
            value * rows[:, channel].reshape(len(rows), -1).sum(axis=1)
            for channel, value in by.items()
        )
        name = layer.input(2) or f"{layer.outputs[0]}:bias"
        found = self.values.get(name)
        now = np.zeros(len(rows)) if found is None or found.data is None else found.data
        self.values[name] = Value(name, now.shape, now + share)
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
