"""Small graphs whose layers are larger than a small L1: windows, rows, heads and queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window

L1: Mapping[str, int] = {
    "windows": 4608,
    "images": 5120,
    "rows": 5120,
    "heads": 49152,
    "queries": 49152,
}
"""Bytes of L1 for a plan of each graph, which none fits as it is."""

_WINDOW = Window(kernel=(3, 3), pads=(1, 1, 1, 1))


def windows(b: GraphBuilder) -> str:
    """An image of planes, windows with a halo, and a sum of maps."""
    a = b.conv(b.input((1, 3, 24, 16)), 8, _WINDOW)
    return b.unary(b.add(a, b.conv(a, 8, _WINDOW)))


def images(b: GraphBuilder) -> str:
    """Some images, of which not one has room with its output."""
    return b.unary(b.conv(b.input((3, 4, 24, 16)), 8, _WINDOW))


def rows(b: GraphBuilder) -> str:
    """Layers of rows alone."""
    x = b.input((96, 32))
    y = b.layernorm(b.add(b.linear(x, 32), x))
    return b.softmax(b.linear(y, 48), 1)


def heads(b: GraphBuilder) -> str:
    """Attention whose queries, keys and values come from outside."""
    q, k, v = (b.input((1, 2, 160, 16)) for _ in range(3))
    return b.attention(q, k, v)


def queries(b: GraphBuilder) -> str:
    """Attention of one head and of more queries than keys."""
    q, k, v = (b.input((1, 1, count, 16)) for count in (640, 160, 160))
    return b.attention(q, k, v)


PARTS: Mapping[str, Callable[[GraphBuilder], str]] = {
    "windows": windows,
    "images": images,
    "rows": rows,
    "heads": heads,
    "queries": queries,
}


def graph_of(*names: str) -> Graph:
    """One graph of some parts, apart from each other."""
    b = GraphBuilder(5)
    return b.graph([PARTS[name](b) for name in names])
