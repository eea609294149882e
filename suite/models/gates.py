"""LSTM and GRU with the input's part of their gates as a product of its own.

Quantized whole, nothing would say in which steps that part is held, and the product over all steps
is one dense layer. Every gate is brought to one size, so that one scale serves all: the recurrent
operator, whose input weights become a diagonal, multiplies that back.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyrig.generator.frontends.source import Source, SourceNode, Value
from tinyrig.generator.graph.recurrent import GATES


def gates_apart(source: Source) -> Source:
    """Return a float source in which constant input weights of LSTM and GRU are a MatMul."""
    values = dict(source.values)
    nodes: list[SourceNode] = []
    for node in source.nodes:
        weight = values[node.inputs[1]] if node.op in GATES else None
        whole = weight is not None and weight.data is not None
        nodes += _apart(node, values) if whole else [node]
    return replace(source, nodes=tuple(nodes), values=values)


def _apart(node: SourceNode, values: dict[str, Value]) -> list[SourceNode]:
    x, weight = values[node.inputs[0]], values[node.inputs[1]]
    assert weight.data is not None
    rows = weight.data.reshape(-1, weight.shape[-1]).astype(np.float64)
    size = np.linalg.norm(rows, axis=1)
    size = np.where(size > 0.0, size, 1.0)
    directions, count = weight.shape[0], len(rows)
    product, one = f"{node.outputs[0]}:gates", f"{node.outputs[0]}:weight"
    diagonal = f"{node.outputs[0]}:sizes"
    values[one] = Value(
        one, (weight.shape[-1], count), np.ascontiguousarray((rows / size[:, None]).T)
    )
    sizes = np.diag(size).reshape(directions, -1, count)
    values[diagonal] = Value(diagonal, sizes.shape, sizes)
    values[product] = Value(product, (*x.shape[:2], count))
    return [
        SourceNode("MatMul", f"{node.name}.gates", (node.inputs[0], one), (product,)),
        replace(node, inputs=(product, diagonal, *node.inputs[2:])),
    ]
