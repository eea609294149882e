"""Fold an int8-to-int8 function into the operator that makes its input.

Bit-exact: the operator's result passes through the same table, or, where the table is a plain
clamp (Relu, Clip with unchanged affine), through the requantisation's own clamp, which is free.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Conv, Linear, MatMul, Node, Unary
from tinyrig.generator.graph.requant import Int8Array

_IDENTITY = np.arange(-128, 128, dtype=np.int16)


def fuse_activation(graph: Graph) -> Graph:
    """Fold every Unary that is the only reader of a linear, matmul or convolution."""
    consumers = graph.consumers()
    producers = graph.producers()
    replaced: dict[str, Node] = {}
    dropped: set[str] = set()
    for node in graph.nodes:
        if not isinstance(node, Unary):
            continue
        source = node.inputs[0]
        producer = producers.get(source)
        if producer is None or len(consumers[source]) != 1 or source in graph.outputs:
            continue
        producer = replaced.get(producer.name, producer)
        if isinstance(producer, Linear | MatMul | Conv):
            fused = _with_table(producer, node.lut)
            replaced[producer.name] = replace(fused, outputs=node.outputs)
            producers[node.outputs[0]] = producer
            dropped.add(node.name)
    kept = [replaced.get(n.name, n) for n in graph.nodes if n.name not in dropped]
    return graph.rewired(kept)


def _with_table(node: Linear | MatMul | Conv, table: Int8Array) -> Linear | MatMul | Conv:
    if node.lut is not None:
        return replace(node, lut=table[node.lut.astype(np.int16) + 128])
    clamp = _as_clamp(table)
    if clamp is None:
        return replace(node, lut=table)
    low = min(max(node.requant.lo, clamp[0]), clamp[1])
    high = min(max(node.requant.hi, clamp[0]), clamp[1])
    return replace(node, requant=replace(node.requant, lo=low, hi=high))


def _as_clamp(table: Int8Array) -> tuple[int, int] | None:
    low, high = int(table.min()), int(table.max())
    return (low, high) if np.array_equal(table, np.clip(_IDENTITY, low, high)) else None
