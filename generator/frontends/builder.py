"""The integer graph while it is being written."""

from __future__ import annotations

from dataclasses import replace

from tinyrig.generator.frontends.names import Names
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node, Reshape
from tinyrig.generator.graph.planned_names import is_planned
from tinyrig.generator.graph.tensor import Affine, Tensor

Clamp = tuple[int, int]


class Builder:
    """Collects tensors and nodes under unique safe names, in execution order."""

    def __init__(self) -> None:
        self._tensor_names = Names(is_planned)
        self._node_names = Names()
        self._tensors: dict[str, Tensor] = {}
        self._nodes: dict[str, Node] = {}
        self._writer: dict[str, str] = {}
        self._renamed: dict[str, str] = {}
        self._origins: dict[str, str] = {}

    def reserve(self, original: str, fallback: str) -> str:
        """Return a tensor name for a model input or output, taken before all others."""
        return self._tensor_names.unique(original, fallback)

    def tensor(self, original: str, shape: tuple[int, ...], affine: Affine) -> Tensor:
        """Add a tensor under a safe name made from `original`."""
        name = self._tensor_names.unique(original, "tensor")
        self._origins[name] = original
        return self.named_tensor(name, shape, affine)

    def named_tensor(self, name: str, shape: tuple[int, ...], affine: Affine) -> Tensor:
        """Add a tensor under a reserved name."""
        tensor = Tensor(name, shape, affine)
        self._tensors[name] = tensor
        return tensor

    def node_name(self, original: str) -> str:
        """Return a unique safe node name."""
        return self._node_names.unique(original, "node")

    def add(self, node: Node) -> None:
        """Append a node whose name came from `node_name`."""
        self._nodes[node.name] = node
        self._writer.update(dict.fromkeys(node.outputs, node.name))

    def absorb(self, old: Tensor, clamp: Clamp, new: Tensor) -> bool:
        """Let the node that writes `old` write `new` instead, limited to `clamp`.

        `old` must have no reader. Returns False when its writer has no clamp of its own.
        """
        writer = self._nodes.get(self._writer.get(old.name, ""))
        changed = None if writer is None else writer.limited(*clamp)
        if changed is None:
            return False
        self._nodes[changed.name] = replace(changed, outputs=(new.name,))
        self._writer[new.name] = changed.name
        del self._writer[old.name], self._tensors[old.name]
        return True

    def show(self, tensor: Tensor, name: str) -> None:
        """Make `tensor` the model output reserved as `name`: rename it, or copy it if it is taken.

        A model input, and a tensor that is an output already, are copied.
        """
        free = tensor.name in self._writer and tensor.name not in self._renamed
        if free:
            self._renamed[tensor.name] = name
            return
        source = self._renamed.get(tensor.name, tensor.name)
        self.named_tensor(name, tensor.shape, tensor.affine)
        label = self.node_name(f"{name}.copy")
        self.add(Reshape(name=label, inputs=(source,), outputs=(name,)))

    def graph(
        self, name: str, inputs: tuple[str, ...], outputs: tuple[str, ...], parameters: int
    ) -> Graph:
        """Return the finished graph."""
        nodes = tuple(
            replace(node, inputs=self._final(node.inputs), outputs=self._final(node.outputs))
            for node in self._nodes.values()
        )
        tensors = {}
        for tensor in self._tensors.values():
            final = self._renamed.get(tensor.name, tensor.name)
            tensors[final] = replace(tensor, name=final)
        origins = {name: self._origins[name] for name in tensors if name in self._origins}
        return Graph(
            name, tensors, nodes, inputs, outputs, parameters=parameters, source_names=origins
        )

    def _final(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._renamed.get(name, name) for name in names)
