"""Small ONNX files: one good quantized model, and a bad one for every way of being bad."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class Shape:
    """What a file of this module is made of."""

    rows: int | str = 3
    depth: int = 4
    width: int = 2
    scale: float = 0.05
    dtype: int = TensorProto.FLOAT
    activation: str = "Relu"
    graph_name: str = "small"
    input_name: str = "x"
    output_name: str = "y"
    layer_name: str = "layer"


def quantized(shape: Shape = Shape()) -> onnx.ModelProto:
    """x -> QDQ -> MatMul -> activation -> QDQ -> y."""
    rng = np.random.default_rng(7)
    weight = rng.integers(-127, 128, (shape.depth, shape.width)).astype(np.int8)
    constants = {
        "s": np.float32(shape.scale),
        "z": np.int8(3),
        "ws": np.float32(0.01),
        "wz": np.int8(0),
        "w": weight,
    }
    name = shape.layer_name
    pair = [
        helper.make_node("QuantizeLinear", [shape.input_name, "s", "z"], ["q"], f"{name}/q"),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"], f"{name}/dq"),
        helper.make_node("DequantizeLinear", ["w", "ws", "wz"], ["wd"], f"{name}/wdq"),
        helper.make_node("MatMul", ["d", "wd"], ["m"], name),
        helper.make_node(shape.activation, ["m"], ["r"], f"{name}/activation"),
        helper.make_node("QuantizeLinear", ["r", "s", "z"], ["rq"], f"{name}/rq"),
        helper.make_node("DequantizeLinear", ["rq", "s", "z"], [shape.output_name], f"{name}/rdq"),
    ]
    return _model(pair, shape, constants)


def floating(shape: Shape = Shape()) -> onnx.ModelProto:
    """x -> MatMul -> Relu -> y, nothing quantized."""
    rng = np.random.default_rng(7)
    weight = rng.normal(0, 0.3, (shape.depth, shape.width)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", [shape.input_name, "w"], ["m"], shape.layer_name),
        helper.make_node("Relu", ["m"], [shape.output_name], "relu"),
    ]
    return _model(nodes, shape, {"w": weight})


def _model(
    nodes: list[onnx.NodeProto], shape: Shape, constants: dict[str, np.ndarray]
) -> onnx.ModelProto:
    x = helper.make_tensor_value_info(shape.input_name, shape.dtype, [1, shape.rows, shape.depth])
    y = helper.make_tensor_value_info(
        shape.output_name, TensorProto.FLOAT, [1, shape.rows, shape.width]
    )
    tensors = [numpy_helper.from_array(np.asarray(data), key) for key, data in constants.items()]
    graph = helper.make_graph(nodes, shape.graph_name, [x], [y], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def with_external_weight(model: onnx.ModelProto, location: str) -> onnx.ModelProto:
    """The same model, its weight said to be in another file."""
    (weight,) = (tensor for tensor in model.graph.initializer if tensor.name == "w")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    entry = weight.external_data.add()
    entry.key, entry.value = "location", location
    return model


def write(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path
