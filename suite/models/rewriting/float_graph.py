"""A float ONNX graph as a rewrite sees it: who writes, who reads, what is constant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import onnx
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class FloatGraph:
    """A copy of a shape-inferred model that can be changed and given back.

    `shapes` has every tensor with a static shape.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
        self._model = inferred
        self.graph = inferred.graph
        self._constants = {tensor.name: tensor for tensor in self.graph.initializer}
        values = [*self.graph.value_info, *self.graph.input, *self.graph.output]
        self.shapes: Mapping[str, tuple[int, ...]] = {
            value.name: tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
            for value in values
        }
        self.outputs = {value.name for value in self.graph.output}
        self.producers = {name: node for node in self.graph.node for name in node.output}
        self._named: set[str] = set()
        self.readers: dict[str, list[onnx.NodeProto]] = {}
        for node in self.graph.node:
            for name in dict.fromkeys(node.input):
                self.readers.setdefault(name, []).append(node)

    def constant(self, name: str) -> FloatArray | None:
        """Return a constant's values, None for an activation."""
        tensor = self._constants.get(name)
        if tensor is None:
            return None
        return np.asarray(onnx.numpy_helper.to_array(tensor)).astype(np.float64)

    def only_reader(self, name: str) -> onnx.NodeProto | None:
        """Return the one node that reads a tensor no one else needs."""
        readers = self.readers.get(name, [])
        return readers[0] if len(readers) == 1 and name not in self.outputs else None

    def add_constant(self, name: str, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Add an initializer under a new name and return that name."""
        new = self._fresh(name)
        self._constants[new] = onnx.numpy_helper.from_array(values, new)
        return new

    def fresh(self, name: str) -> str:
        """Return a tensor name nobody has, and keep it taken."""
        new = self._fresh(name)
        self._named.add(new)
        return new

    def rebuilt(self, replaced: Mapping[str, Iterable[onnx.NodeProto]]) -> onnx.ModelProto:
        """Return the model with nodes, by the name of their first output, swapped for others.

        Nodes and constants that nothing reads any more go too.
        """
        nodes: list[onnx.NodeProto] = []
        for node in self.graph.node:
            nodes.extend(replaced.get(node.output[0], [node]))
        needed = set(self.outputs)
        kept = []
        for node in reversed(nodes):
            if needed.intersection(node.output):
                needed.update(node.input)
                kept.append(node)
        result = onnx.ModelProto()
        result.CopyFrom(self._model)
        for field in ("node", "initializer", "value_info"):
            del getattr(result.graph, field)[:]
        result.graph.node.extend(reversed(kept))
        result.graph.initializer.extend(
            tensor for name, tensor in self._constants.items() if name in needed
        )
        onnx.checker.check_model(result, full_check=True)
        return result

    def _fresh(self, name: str) -> str:
        taken = self.producers.keys() | self._constants.keys() | self.shapes.keys() | self._named
        new, count = name, 1
        while new in taken:
            count += 1
            new = f"{name}_{count}"
        return new
