"""The integer graph as a value, and the checks that make it one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tinyrig.generator.graph.ops import Node
from tinyrig.generator.graph.tensor import Tensor

CodeType = Literal["int8", "uint8"]


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in execution order over tensors by name.

    `inputs` and `outputs` are tensor names in the order of the model's signature.
    `source_sha256` identifies what the graph was read from; `source_names` gives the names its
    tensors had there, by tensor name: of inputs and outputs always, of others where
    they have one. `coded` has the inputs and outputs that are codes there too, and not real
    values, with their type; uint8 codes are 128 above those here. `notes` tell, a line each, of
    scales that are not the model's own.
    """

    name: str
    tensors: Mapping[str, Tensor]
    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    source_sha256: str = ""
    parameters: int = 0
    source_names: Mapping[str, str] = field(default_factory=dict)
    coded: Mapping[str, CodeType] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def validate(self) -> None:
        """Raise ValueError unless every tensor is defined once, before it is read."""
        unknown = [name for name in self.inputs if name not in self.tensors]
        if unknown or len(set(self.inputs)) < len(self.inputs):
            raise ValueError(f"inputs named twice or unknown: {unknown or list(self.inputs)}")
        defined = set(self.inputs)
        names: set[str] = set()
        for node in self.nodes:
            if node.name in names:
                raise ValueError(f"two nodes are named {node.name!r}")
            names.add(node.name)
            for read in node.inputs:
                if read not in defined:
                    raise ValueError(f"node {node.name!r} reads {read!r} before it is written")
            for written in node.outputs:
                if written in defined or written not in self.tensors:
                    raise ValueError(f"node {node.name!r} writes {written!r} twice or unknown")
                defined.add(written)
        missing = [name for name in self.outputs if name not in defined]
        if missing:
            raise ValueError(f"outputs never written: {missing}")

    def producers(self) -> dict[str, Node]:
        """Return the node that writes each tensor (inputs have none)."""
        return {name: node for node in self.nodes for name in node.outputs}

    def consumers(self) -> dict[str, list[Node]]:
        """Return the nodes that read each tensor, in execution order, one entry a node."""
        found: dict[str, list[Node]] = {name: [] for name in self.tensors}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                found[name].append(node)
        return found

    def macs(self) -> int:
        """Multiply-accumulates of one inference: linear, matmul, attention, convolution."""
        shapes = {name: tensor.shape for name, tensor in self.tensors.items()}
        return sum(
            node.macs([shapes[name] for name in node.inputs], shapes[node.outputs[0]])
            for node in self.nodes
        )

    def rewired(self, nodes: Iterable[Node], tensors: Mapping[str, Tensor] | None = None) -> Graph:
        """Return this graph with other nodes, keeping only the tensors they use."""
        kept = tuple(nodes)
        pool = dict(self.tensors) | dict(tensors or {})
        used = set(self.inputs) | set(self.outputs)
        for node in kept:
            used.update(node.inputs, node.outputs)
        graph = replace(self, nodes=kept, tensors={k: v for k, v in pool.items() if k in used})
        graph.validate()
        return graph
