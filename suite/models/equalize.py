"""Channels of unlike size between two layers, brought to one: cross-layer equalisation.

A channel that a layer divides by s and the next multiplies by s leaves the function as it is, where
nothing or a Relu stands between. One scale serves all channels of a tensor, so s makes them as
large as can be beside one another without making the next layer's weights unlike: what is seen of a
channel and what its weights take of their rows become equal (Nagel et al., 2019, with the ranges of
activations in place of the first layer's weights, whose channels have a scale each here).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx

from tinyrig.generator.frontends.matching import View
from tinyrig.generator.frontends.source import Source, Value
from tinyrig.generator.frontends.writer import model_of
from tinyrig.suite.models.layers import Floats, Layer, layers_of, shown_axes
from tinyrig.suite.models.sessions import Feed, showing

_SWEEPS = 30
_SETTLED = 1e-3
_MOST = 2.0**12


@dataclass(frozen=True, eq=False)
class Pair:
    """Two layers, and the tensor that alone is between them as the second reads it."""

    first: Layer
    second: Layer
    between: str


def pairs_of(source: Source) -> list[Pair]:
    """Return the layers whose channels the next layer alone reads, as they are or behind a Relu."""
    view = View(source)
    shown = {value for _, value in source.outputs}
    layers = layers_of(source)
    by_product = {layer.product.name: layer for layer in layers}
    found = []
    for first in layers:
        name = first.output
        relu = view.only_reader(name, "Relu")
        between = name if relu is None else relu.outputs[0]
        readers = view.readers[between]
        if {name, between} & shown or len(readers) != 1:
            continue
        second = by_product.get(readers[0].name)
        alone = second is not None and readers[0].inputs.count(between) == 1
        if second is not None and alone and second.entry == first.axis:
            found.append(Pair(first, second, between))
    return found


def equalized(source: Source, feeds: Sequence[Feed]) -> Source:
    """Return a float source of the same function whose channels are as equal as their pairs let.

    Raises InputError when an activation is not finite on the feeds.
    """
    pairs = pairs_of(source)
    if not pairs:
        return source
    plain = _Edit(source, _reaches(model_of(source), feeds, pairs, source))
    for _ in range(_SWEEPS):
        moved = max([plain.equalize(pair) for pair in pairs])
        if moved < _SETTLED:
            break
    return plain.source()


def _reaches(
    model: onnx.ModelProto, feeds: Sequence[Feed], pairs: Sequence[Pair], source: Source
) -> dict[str, Floats]:
    """Return how far each channel between two layers goes, by the tensor's name."""
    found: dict[str, Floats] = {}
    names = [pair.between for pair in pairs]
    axes = {pair.between: pair.first.axis for pair in pairs}
    for values in showing(model, names, feeds):
        for name, value in values.items():
            others = shown_axes(source.values[name].shape, axes[name])
            reach = np.abs(value).max(axis=others).astype(np.float64)
            found[name] = np.maximum(found.get(name, reach), reach)
    return found


class _Edit:
    """Weights and biases on their way; constants that others read are left to them."""

    def __init__(self, source: Source, reaches: dict[str, Floats]) -> None:
        self._source = source
        self._reaches = reaches
        self._rows = {one.product.name: one.rows(source.values) for one in layers_of(source)}
        self._biases: dict[str, Floats] = {}

    def equalize(self, pair: Pair) -> float:
        """Equalize a pair; return by how many octaves a channel moved at most."""
        reach = self._reaches[pair.between]
        taken = _taken(pair.second, self._rows[pair.second.product.name])
        alive = (reach > 0.0) & (taken > 0.0)
        size = np.sqrt(np.where(alive, reach, 1.0) / np.where(alive, taken, 1.0))
        middle = float(np.exp(np.log(size[alive]).mean())) if alive.any() else 1.0
        size = np.where(alive, np.clip(size / middle, 1.0 / _MOST, _MOST), 1.0)
        self._reaches[pair.between] = reach / size
        self._divide(pair.first, size)
        self._multiply(pair.second, size)
        return float(np.abs(np.log2(size)).max())

    def _divide(self, layer: Layer, size: Floats) -> None:
        name = layer.product.name
        rows = self._rows[name]
        self._rows[name] = rows / size.reshape(-1, *[1] * (rows.ndim - 1))
        if layer.bias:
            data = self._source.values[layer.bias].data
            assert data is not None
            self._biases[name] = self._biases.get(name, data.astype(np.float64)) / size

    def _multiply(self, layer: Layer, size: Floats) -> None:
        rows = self._rows[layer.product.name]
        whole = size.reshape(layer.groups, rows.shape[1])
        by_row = np.repeat(whole, len(rows) // layer.groups, axis=0)
        self._rows[layer.product.name] = rows * by_row.reshape(
            *by_row.shape, *[1] * (rows.ndim - 2)
        )

    def source(self) -> Source:
        """Return the source with the weights and biases as they are now."""
        values = dict(self._source.values)
        swaps = {}
        for layer in layers_of(self._source):
            name = layer.product.name
            weight = f"{layer.product.outputs[0]}:equal"
            data = layer.with_rows(self._rows[name])
            values[weight] = Value(weight, data.shape, data)
            made = (layer.product.inputs[0], weight, *layer.product.inputs[2:])
            swaps[name] = replace(layer.product, inputs=made)
            if name in self._biases:
                reader = layer.add or swaps[name]
                bias = f"{layer.output}:equal bias"
                values[bias] = Value(bias, self._biases[name].shape, self._biases[name])
                inputs = tuple(bias if one == layer.bias else one for one in reader.inputs)
                swaps[reader.name] = replace(reader, inputs=inputs)
        nodes = tuple(swaps.get(node.name, node) for node in self._source.nodes)
        return replace(self._source, nodes=nodes, values=values)


def _taken(layer: Layer, rows: Floats) -> Floats:
    """Return what share of their rows the weights of each input channel take at most."""
    most = np.abs(rows).reshape(*rows.shape[:2], -1).max(axis=2)
    whole = most.max(axis=1, keepdims=True)
    share = np.divide(most, whole, out=np.zeros_like(most), where=whole > 0.0)
    by_group = share.reshape(layer.groups, -1, rows.shape[1])
    taken: Floats = by_group.max(axis=1).reshape(-1)
    return taken
