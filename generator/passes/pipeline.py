"""The passes in their order, as the options ask for them."""

from __future__ import annotations

from generator.graph.graph import Graph
from generator.options import ALL, Options
from generator.passes.approximate import approximate
from generator.passes.fuse_activation import fuse_activation
from generator.passes.fuse_attention import fuse_attention
from generator.passes.simplify_layout import simplify_layout


def run_passes(graph: Graph, options: Options = ALL) -> Graph:
    """Return the graph the planner sees, and the integer reference computes."""
    graph = simplify_layout(graph)
    if options.attention != "layerwise":
        graph = fuse_attention(graph)
    if (options.exponential, options.gelu) != ("exact", "exact"):
        graph = approximate(graph, options.exponential, options.gelu)
    return fuse_activation(graph) if options.fuse_activation else graph
