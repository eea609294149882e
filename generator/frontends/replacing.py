"""Nodes of a model that others are written in the place of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

PER_CHANNEL_OPSET = 13
"""Since when QuantizeLinear and DequantizeLinear know an axis."""

_PREFIXES = ("", "Bias", "Fused", "Q", "QLinear", "Skip")
"""What ONNX Runtime puts before the name of the operator that it makes another of."""


@dataclass(frozen=True)
class Facts:
    """What is known of a model before its nodes are read.

    `sizes` has the elements of the stored constants, `ranks` the axes of the values whose shapes
    are known, both by name.
    """

    opset: int
    sizes: Mapping[str, int]
    ranks: Mapping[str, int]


@dataclass(eq=False)
class Replacing:
    """A node, and what is written in its place so far."""

    node: onnx.NodeProto
    facts: Facts
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.said = {a.name: helper.get_attribute_value(a) for a in self.node.attribute}

    def input(self, slot: int) -> str:
        """Return the name of an input, '' where it has none."""
        return str(self.node.input[slot]) if slot < len(self.node.input) else ""

    def output(self, slot: int) -> str:
        """Return the name of an output, '' where it has none."""
        return str(self.node.output[slot]) if slot < len(self.node.output) else ""

    def size(self, slot: int) -> int:
        """Return the elements of a stored constant, 1 where an input is none."""
        return self.facts.sizes.get(self.input(slot), 1)

    def kept(self, *names: str) -> dict[str, Any]:
        """Return the attributes of these names that the node has."""
        return {name: self.said[name] for name in names if name in self.said}

    def constant(self, data: NDArray[Any]) -> str:
        """Add a constant, and return its name."""
        name = f"{self.node.output[0]}:constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(data, name))
        return name

    def number(self, value: float) -> str:
        """Add a real number, and return its name."""
        return self.constant(np.asarray(value, np.float32))

    def write(
        self, op: str, inputs: list[str], output: str = "", domain: str = "", **said: Any
    ) -> str:
        """Add a node, and return the name of what it writes: `output` if given.

        The one that the operator is called after alone has the node's name.
        """
        made = output or f"{self.node.output[0]}:{op}{len(self.nodes)}"
        name = self.node.name or self.node.output[0]
        if not any(self.node.op_type == f"{prefix}{op}" for prefix in _PREFIXES):
            name = f"{name}.{op}{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [made], name=name, domain=domain, **said))
        return made


Rule = Callable[[Replacing], bool]
"""Writes what stands for a node; False leaves the node as it is."""


def replaced(
    model: onnx.ModelProto, rules: Mapping[tuple[str, str], Rule], facts: Facts
) -> onnx.ModelProto:
    """Return the model with the nodes that rules of their domain and operator write, written.

    The model is not changed; itself is returned where no rule writes anything.
    """
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    for node in model.graph.node:
        rule = rules.get((node.domain, node.op_type))
        at = Replacing(node, facts) if rule is not None and any(node.output) else None
        if rule is None or at is None or not rule(at):
            nodes.append(node)
            continue
        nodes += at.nodes
        constants += at.constants
    if len(nodes) == len(model.graph.node) and not constants:
        same = all(a is b for a, b in zip(nodes, model.graph.node, strict=True))
        if same:
            return model
    made = onnx.ModelProto()
    made.CopyFrom(model)
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    made.graph.initializer.extend(constants)
    return made


def facts_of(model: onnx.ModelProto, opset: int) -> Facts:
    """Return what a model says of its constants and, unproven, of the ranks of its values."""
    graph = model.graph
    sizes = {t.name: int(np.prod(t.dims, dtype=np.int64)) for t in graph.initializer}
    ranks = {
        info.name: len(info.type.tensor_type.shape.dim)
        for info in (*graph.value_info, *graph.input, *graph.output)
        if info.type.tensor_type.HasField("shape")
    }
    ranks |= {t.name: len(t.dims) for t in graph.initializer}
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.name == "value":
                sizes[node.output[0]] = int(np.prod(attribute.t.dims, dtype=np.int64))
                ranks[node.output[0]] = len(attribute.t.dims)
    return Facts(opset, sizes, ranks)
