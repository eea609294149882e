"""The passes in their order, as the options ask for them."""

from __future__ import annotations

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.passes.approximate import approximate
from tinyrig.generator.passes.fuse_activation import fuse_activation
from tinyrig.generator.passes.fuse_attention import fuse_attention
from tinyrig.generator.passes.simplify_layout import simplify_layout


def run_passes(graph: Graph, options: Options = ALL) -> Graph:
    """Return the graph the planner sees, and the integer reference computes."""
    graph = simplify_layout(graph)
    if options.attention != "layerwise":
        graph = fuse_attention(graph)
    if (options.exponential, options.gelu) != ("exact", "exact"):
        graph = approximate(graph, options.exponential, options.gelu)
    return fuse_activation(graph) if options.fuse_activation else graph
