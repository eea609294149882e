"""Which node of the graph a step of the plan executes."""

from __future__ import annotations

import re

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node
from tinyrig.generator.planning.step import Compute, Step

_PART_OF_NODE = re.compile(r"(.+)\.(?:in\d+|source\d+|fill)\Z")
_COPY_OF_OUTPUT = re.compile(r"(.+)\.dense\Z")


def owner(graph: Graph, step: Step) -> Node | None:
    """Return the node of the graph the plan was made of that a step is executed for.

    A step that computes a part of a node (one head, some rows, sums before the requantisation)
    belongs to that node; a copy or fill to the node that needs it, or whose output it arranges.
    None for a copy of a model input to a model output, behind which there is no node.
    """
    producers = graph.producers()
    if isinstance(step, Compute):
        return producers[step.node.outputs[0]]
    nodes = {node.name: node for node in graph.nodes}
    part = _PART_OF_NODE.match(step.name)
    if part and part[1] in nodes:
        return nodes[part[1]]
    copied = _COPY_OF_OUTPUT.match(step.name)
    tensor = copied[1] if copied and copied[1] in graph.outputs else step.name
    return nodes.get(tensor) or producers.get(tensor)
