"""A graph is one only when every tensor is there, once, before it is read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.graph import Graph


def _graph() -> Graph:
    b = GraphBuilder(3)
    return b.graph([b.unary(b.unary(b.input((2, 4))))])


def test_every_tensor_is_there_once_before_it_is_read() -> None:
    graph = _graph()
    (x,), (y,), (first, second) = graph.inputs, graph.outputs, graph.nodes
    others = {name: tensor for name, tensor in graph.tensors.items() if name != x}
    for wrong, said in (
        (replace(graph, tensors=others), "inputs named twice or unknown"),
        (replace(graph, inputs=(x, x)), "inputs named twice or unknown"),
        (replace(graph, nodes=(second, first)), "before it is written"),
        (replace(graph, nodes=(first, replace(second, name=first.name))), "two nodes are named"),
        (replace(graph, nodes=(first, second), inputs=(x, y)), "twice or unknown"),
        (replace(graph, nodes=(first,)), "outputs never written"),
    ):
        with pytest.raises(ValueError, match=said):
            wrong.validate()
