"""Counts multiply-accumulates and parameters of a float ONNX graph, exactly, from its shapes."""

from __future__ import annotations

import math

import onnx

_Shapes = dict[str, tuple[int, ...]]


def count_macs(model: onnx.ModelProto) -> int:
    """Return the MACs of one inference: Conv, Gemm and MatMul (attention's two included).

    Pooling, normalisation, softmax and element-wise operators count as none, as in the papers.
    """
    shapes = _shapes(model)
    return sum(_node_macs(node, shapes) for node in model.graph.node)


def count_parameters(model: onnx.ModelProto) -> int:
    """Return the number of float values in the graph's initializers."""
    return sum(
        math.prod(tensor.dims)
        for tensor in model.graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    )


def _shapes(model: onnx.ModelProto) -> _Shapes:
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    shapes: _Shapes = {tensor.name: tuple(tensor.dims) for tensor in inferred.initializer}
    for value in [*inferred.input, *inferred.output, *inferred.value_info]:
        shapes[value.name] = tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
    return shapes


def _node_macs(node: onnx.NodeProto, shapes: _Shapes) -> int:
    if node.op_type == "Conv":
        weight = shapes[node.input[1]]
        return math.prod(shapes[node.output[0]]) * math.prod(weight[1:])
    if node.op_type == "Gemm":
        transposed = any(a.name == "transA" and a.i for a in node.attribute)
        depth = shapes[node.input[0]][0 if transposed else 1]
        return math.prod(shapes[node.output[0]]) * depth
    if node.op_type == "MatMul":
        return math.prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]
    return 0
