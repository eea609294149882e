"""MCUFormer's memory rule (Eq. 5): what a network takes where a layer's weights lie in RAM."""

from __future__ import annotations

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear


def weights_counted_ram(graph: Graph) -> int:
    """Return the largest linear layer's bytes: its weights, and its input or its output.

    Of the two features the larger counts, for the one overwrites the other; the network's image,
    attention and all else do not.
    """
    return max((_bytes(graph, node) for node in graph.nodes if isinstance(node, Linear)), default=0)


def _bytes(graph: Graph, node: Linear) -> int:
    features = (graph.tensors[name].elements for name in (node.inputs[0], node.outputs[0]))
    return node.weight.size + max(features)
