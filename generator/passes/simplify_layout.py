"""Merge chains of layout operators and drop those that change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node, Reshape, Slice, Transpose
from tinyrig.generator.graph.tensor import Tensor


def simplify_layout(graph: Graph) -> Graph:
    """Return an equal graph without identity or doubled reshapes and transposes."""
    nodes: list[Node] = []
    written: dict[str, Node] = {}
    renamed: dict[str, str] = {}
    for original in graph.nodes:
        inputs = tuple(renamed.get(name, name) for name in original.inputs)
        node = _merged(replace(original, inputs=inputs), written)
        source, target = node.inputs[:1], node.outputs[0]
        if source and target not in graph.outputs and _is_identity(node, graph.tensors):
            renamed[target] = source[0]
            continue
        nodes.append(node)
        written.update(dict.fromkeys(node.outputs, node))
    return graph.rewired(_alive(nodes, graph.outputs))


def _merged(node: Node, written: dict[str, Node]) -> Node:
    before = written.get(node.inputs[0]) if node.inputs else None
    if isinstance(node, Reshape) and isinstance(before, Reshape):
        return replace(node, inputs=before.inputs)
    if isinstance(node, Transpose) and isinstance(before, Transpose):
        perm = tuple(before.perm[axis] for axis in node.perm)
        return replace(node, inputs=before.inputs, perm=perm)
    return node


def _is_identity(node: Node, tensors: Mapping[str, Tensor]) -> bool:
    if isinstance(node, Transpose):
        return node.perm == tuple(range(len(node.perm)))
    if isinstance(node, Reshape | Slice):
        same = tensors[node.inputs[0]].shape == tensors[node.outputs[0]].shape
        return same and (isinstance(node, Reshape) or all(step > 0 for step in node.steps))
    return False


def _alive(nodes: list[Node], outputs: tuple[str, ...]) -> list[Node]:
    """Drop nodes whose results nobody reads."""
    needed = set(outputs)
    kept: list[Node] = []
    for node in reversed(nodes):
        if needed.intersection(node.outputs):
            kept.append(node)
            needed.update(node.inputs)
    return kept[::-1]
