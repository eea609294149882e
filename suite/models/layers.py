"""Layers of a float source: products with constant weights, and where their channels are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.frontends.matching import View, row_shapes
from tinyrig.generator.frontends.source import Source, SourceNode, Value

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layer:
    """A Conv, Gemm or MatMul with constant weights, and the Add that is a MatMul's bias.

    `axis` is that of the output's channels, `entry` that of the input's.
    """

    product: SourceNode
    add: SourceNode | None
    axis: int
    entry: int

    @property
    def output(self) -> str:
        """What the layer writes."""
        return (self.add or self.product).outputs[0]

    @property
    def groups(self) -> int:
        """Into how many the channels are parted."""
        return self.product.integer("group", 1) if self.product.op == "Conv" else 1

    @property
    def bias(self) -> str:
        """The name of the bias, '' where there is none."""
        if self.add is None:
            return self.product.input(2) if self.product.op != "MatMul" else ""
        return next(name for name in self.add.inputs if name != self.product.outputs[0])

    def rows(self, values: Mapping[str, Value]) -> Floats:
        """Return the weights, [out, in of a group, ...]."""
        data = values[self.product.inputs[1]].data
        assert data is not None
        return data.astype(np.float64) if self._by_rows() else data.astype(np.float64).T

    def with_rows(self, rows: Floats) -> Floats:
        """Return weights as the product reads them."""
        return np.ascontiguousarray(rows if self._by_rows() else rows.T)

    def _by_rows(self) -> bool:
        return self.product.op == "Conv" or self.product.integer("transB", 0) == 1


def layers_of(source: Source) -> list[Layer]:
    """Return the layers of a source, in the order they are executed."""
    view = View(source)
    return [found for node in source.nodes if (found := _layer(view, node)) is not None]


def _layer(view: View, node: SourceNode) -> Layer | None:
    if node.op not in ("Conv", "Gemm", "MatMul") or view.constant(node.inputs[0]) is not None:
        return None
    weight = view.constant(node.inputs[1])
    plain = node.op == "Conv" or (weight is not None and len(weight.shape) == 2)
    if weight is None or not plain or node.integer("transA", 0):
        return None
    rank = len(view.source.values[node.outputs[0]].shape)
    entry = len(view.source.values[node.inputs[0]].shape) - 1
    if node.op == "Conv":
        return _with_constant_bias(view, Layer(node, None, 1, 1))
    if node.op == "Gemm":
        return _with_constant_bias(view, Layer(node, None, rank - 1, entry))
    return Layer(node, _added(view, node), rank - 1, entry)


def _with_constant_bias(view: View, layer: Layer) -> Layer | None:
    return layer if not layer.bias or view.constant(layer.bias) is not None else None


def _added(view: View, node: SourceNode) -> SourceNode | None:
    """Return the Add of a constant row that alone reads a MatMul."""
    shown = {value for _, value in view.source.outputs}
    add = view.only_reader(node.outputs[0], "Add")
    found = view.split_constant(add) if add is not None else None
    if add is None or found is None or node.outputs[0] in shown:
        return None
    shape = view.source.values[node.outputs[0]].shape
    row = found[1].shape in row_shapes(shape[-1], len(shape)) and found[1].shape[-1:] == shape[-1:]
    return add if row and view.source.values[add.outputs[0]].shape == shape else None


def shown_axes(shape: Sequence[int], axis: int) -> tuple[int, ...]:
    """Return all axes of a tensor but that of its channels."""
    return tuple(one for one in range(len(shape)) if one != axis)
