"""What the graph says: the numbers of every tensor, by its operators' declarations.

Nothing here knows of a view.
"""

from __future__ import annotations

import numpy as np

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Layout
from tinyrig.generator.operators.table import operators
from tinyrig.generator.operators.values import Ids, mix, named


def tensor_values(graph: Graph) -> dict[str, Ids]:
    """Return the numbers of every tensor in its logical shape."""
    found: dict[str, Ids] = {}
    for name in graph.inputs:
        shape = graph.tensors[name].shape
        numbered = np.arange(graph.tensors[name].elements, dtype=np.uint64)
        found[name] = mix(numbered + named("input", name)).reshape(shape)
    for node in graph.nodes:
        operands = [found[name] for name in node.inputs]
        if not isinstance(node, Layout):
            operands = [one if one.ndim else one.reshape(1) for one in operands]
        shape = graph.tensors[node.outputs[0]].shape
        operator = operators().get(type(node))
        if operator is None or operator.value is None:
            raise InternalError(f"Nothing declares what operator {node.op} makes.")
        found[node.outputs[0]] = operator.value(node, operands, shape).reshape(shape)
    return found
