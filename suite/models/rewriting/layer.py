"""A fully connected layer of a float graph: Gemm, or MatMul with an Add behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx

from tinyrig.suite.models.rewriting.float_graph import FloatArray, FloatGraph

_MATRIX = 2


@dataclass(frozen=True, eq=False)
class Layer:
    """y = x @ weight + bias; weight [K, N], bias [N], both as the node's factors leave them.

    `nodes` compute it, the last writes `output`.
    """

    name: str
    source: str
    output: str
    weight: FloatArray
    bias: FloatArray
    nodes: tuple[onnx.NodeProto, ...]


def layer_at(graph: FloatGraph, node: onnx.NodeProto) -> Layer | None:
    """Return the layer a node ends, None when it ends none."""
    match node.op_type:
        case "Gemm":
            return _gemm(graph, node)
        case "MatMul":
            return _matmul(graph, node)
        case "Add":
            return _matmul_add(graph, node)
        case _:
            return None


def gemm(graph: FloatGraph, layer: Layer, weight: FloatArray, bias: FloatArray) -> onnx.NodeProto:
    """Return a node that is `layer` with another weight [K, N] and bias [N], the same output.

    MatMul and Add become Gemm, so the source must be a matrix.
    """
    return onnx.helper.make_node(
        "Gemm",
        [
            layer.source,
            graph.add_constant(f"{layer.name}.weight", weight.T.astype(np.float32)),
            graph.add_constant(f"{layer.name}.bias", bias.astype(np.float32)),
        ],
        [layer.output],
        name=layer.name,
        transB=1,
    )


def _gemm(graph: FloatGraph, node: onnx.NodeProto) -> Layer | None:
    facts = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    weight = graph.constant(node.input[1])
    if weight is None or facts.get("transA", 0):
        return None
    bias = None
    if len(node.input) > _MATRIX and node.input[2]:
        bias = graph.constant(node.input[2])
        if bias is None:
            return None
    matrix = weight.T if facts.get("transB", 0) else weight
    row = np.zeros(matrix.shape[1]) if bias is None else np.broadcast_to(bias, matrix.shape[1])
    return Layer(
        node.name,
        node.input[0],
        node.output[0],
        facts.get("alpha", 1.0) * matrix,
        facts.get("beta", 1.0) * row,
        (node,),
    )


def _matmul(graph: FloatGraph, node: onnx.NodeProto) -> Layer | None:
    weight = graph.constant(node.input[1])
    if weight is None or weight.ndim != _MATRIX or graph.constant(node.input[0]) is not None:
        return None
    bias = np.zeros(weight.shape[1])
    return Layer(node.name, node.input[0], node.output[0], weight, bias, (node,))


def _matmul_add(graph: FloatGraph, node: onnx.NodeProto) -> Layer | None:
    for product, row in (node.input[:2], reversed(node.input[:2])):
        bias, producer = graph.constant(row), graph.producers.get(product)
        if bias is None or producer is None or graph.only_reader(product) is not node:
            continue
        layer = _matmul(graph, producer) if producer.op_type == "MatMul" else None
        if layer is None or bias.size not in (1, layer.weight.shape[1]):
            continue
        values = np.broadcast_to(bias.reshape(-1), layer.weight.shape[1])
        nodes = (*layer.nodes, node)
        return Layer(layer.name, layer.source, node.output[0], layer.weight, values, nodes)
    return None
