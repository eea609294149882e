"""Graphs within nodes: the branches of an If, and what they read from outside."""

from __future__ import annotations

from collections.abc import Iterator

import onnx

_STANDARD = ("", "ai.onnx")
_BRANCHES = ("then_branch", "else_branch")


def subgraphs_of(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    """Yield the graphs in a node's attributes."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def graphs_of(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield a graph and all those within its nodes."""
    yield graph
    for node in graph.node:
        for inner in subgraphs_of(node):
            yield from graphs_of(inner)


def is_choice(node: onnx.NodeProto) -> bool:
    """Whether a node is an If of ONNX that has a condition, and two branches alone."""
    named = {attribute.name for attribute in node.attribute if attribute.HasField("g")}
    whole = len(node.input) == 1 and named == set(_BRANCHES) and len(node.attribute) == 2
    return node.op_type == "If" and node.domain in _STANDARD and whole


def branches_of(node: onnx.NodeProto) -> tuple[onnx.GraphProto, onnx.GraphProto]:
    """Return the branch of an If that is taken where its condition holds, and the other."""
    found = {attribute.name: attribute.g for attribute in node.attribute}
    return found[_BRANCHES[0]], found[_BRANCHES[1]]


def reads_of(node: onnx.NodeProto) -> set[str]:
    """Return what a node reads, also within its graphs, of what is written outside them."""
    found = set(filter(None, node.input))
    for graph in subgraphs_of(node):
        inner = {info.name for info in graph.output}
        inner.update(name for one in graph.node for name in reads_of(one))
        inner -= {tensor.name for tensor in graph.initializer}
        inner -= {info.name for info in graph.input}
        found |= inner.difference(name for one in graph.node for name in one.output)
    return found
