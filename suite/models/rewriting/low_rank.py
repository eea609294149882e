"""Low-rank layers: W [K, N] as U [K, R] times V [R, N], by singular values (MCUFormer's search
space has the ratio as a choice a layer; here one ratio holds for all).
"""

from __future__ import annotations

import numpy as np
import onnx

from tinyrig.suite.models.rewriting.float_graph import FloatArray, FloatGraph
from tinyrig.suite.models.rewriting.layer import Layer, gemm, layer_at


def factor_layers(model: onnx.ModelProto, ratio: float) -> onnx.ModelProto:
    """Return the model with every layer factored at `ratio` of its full rank where that saves.

    `ratio` is in (0, 1]. A layer is left whole when R * (K + N) is not below K * N, or when its
    source is no matrix.
    """
    graph = FloatGraph(model)
    replaced: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.graph.node:
        layer = layer_at(graph, node)
        if layer is None or len(graph.shapes[layer.source]) != layer.weight.ndim:
            continue
        if (rank := rank_of(layer.weight, ratio)) is not None:
            replaced[layer.output] = _factored(graph, layer, rank)
    return graph.rebuilt(replaced) if replaced else model


def rank_of(weight: FloatArray, ratio: float) -> int | None:
    """Return the rank of a factored weight [K, N], None where factors are no smaller."""
    K, N = weight.shape
    rank = max(1, round(ratio * min(K, N)))
    return rank if rank * (K + N) < K * N else None


def factors(weight: FloatArray, rank: int) -> tuple[FloatArray, FloatArray]:
    """Return U [K, R] and V [R, N], the singular values shared evenly between them."""
    left, values, right = np.linalg.svd(weight, full_matrices=False)
    root = np.sqrt(values[:rank])
    return left[:, :rank] * root, root[:, None] * right[:rank]


def _factored(graph: FloatGraph, layer: Layer, rank: int) -> list[onnx.NodeProto]:
    u, v = factors(layer.weight, rank)
    between = graph.fresh(f"{layer.output}.rank")
    first = Layer(f"{layer.name}.u", layer.source, between, u, np.zeros(rank), ())
    second = Layer(f"{layer.name}.v", between, layer.output, v, layer.bias, ())
    return [gemm(graph, part, part.weight, part.bias) for part in (first, second)]
