from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from heavy import ZOO
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.suite.models import load_zoo
from tinyrig.suite.models.export import export_onnx
from tinyrig.suite.models.quantize import observe, quantize_static
from tinyrig.suite.models.sessions import float_session
from tinyrig.suite.models.zoo import ZooModel

OPERATORS = {
    "Add", "AveragePool", "Concat", "Conv", "Flatten", "Gelu", "Gemm", "LayerNormalization",
    "MatMul", "MaxPool", "ReduceMean", "Relu", "Reshape", "Slice", "Softmax", "Transpose",
}  # fmt: skip


def fresh_export(model: ZooModel) -> onnx.ModelProto:
    return export_onnx(model.module, model.input_shapes, model.output_names, model.name)


def outputs(model: onnx.ModelProto, samples: list[dict[str, np.ndarray]]) -> np.ndarray:
    session = float_session(model)
    return np.stack([session.run(None, sample)[0] for sample in samples])


@pytest.mark.parametrize("name", ZOO)
def test_float_graphs_are_clean_and_compute_the_module(name: str) -> None:
    model = load_zoo(name)
    graph = model.float_model().graph
    assert {node.op_type for node in graph.node} <= OPERATORS
    assert len({node.name for node in graph.node}) == len(graph.node)
    assert {
        i.name: tuple(d.dim_value for d in i.type.tensor_type.shape.dim) for i in graph.input
    } == model.input_shapes
    assert tuple(output.name for output in graph.output) == model.output_names
    assert b"/" not in b"".join(n.name.encode() for n in graph.node)
    samples = model.samples(2)
    with torch.no_grad():
        expected = np.stack(
            [model.module(*(torch.from_numpy(x) for x in s.values())).numpy() for s in samples]
        )
    np.testing.assert_allclose(outputs(model.float_model(), samples), expected, atol=2e-4)


@pytest.mark.parametrize("name", ["ecgformer", "trformer", "encoder"])
def test_export_and_quantization_give_the_same_bytes_twice(name: str) -> None:
    one, two = (fresh_export(load_zoo(name)) for _ in range(2))
    assert one.SerializeToString(deterministic=True) == load_zoo(name).float_bytes()
    assert two.SerializeToString(deterministic=True) == load_zoo(name).float_bytes()
    calibration = load_zoo(name).calibration()
    quantized = quantize_static(two, calibration).SerializeToString(deterministic=True)
    assert quantized == load_zoo(name).qdq_bytes()


@pytest.mark.parametrize("name", ["eegformer", "ecgformer", "trformer", "tinyvit-digits"])
def test_every_activation_is_quantized_and_arg_max_agrees(name: str) -> None:
    model = load_zoo(name)
    quantized = onnx.load_model_from_string(model.qdq_bytes())
    types = {t.name: t.data_type for t in quantized.graph.initializer}
    produced = {node.output[0]: node for node in quantized.graph.node}
    for node in quantized.graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            continue
        for read in node.input:
            if types.get(read) == TensorProto.INT64:
                continue
            assert produced[read].op_type == "DequantizeLinear", (node.name, read)
    assert TensorProto.FLOAT not in {types[n] for n in types if n.endswith("_quantized")}
    samples = model.samples(256, 3)
    exact, rounded = outputs(model.float_model(), samples), outputs(quantized, samples)
    agreement = float((exact.argmax(axis=-1) == rounded.argmax(axis=-1)).mean())
    assert agreement >= 0.98


def test_weights_are_per_output_channel() -> None:
    quantized = onnx.load_model_from_string(load_zoo("ecgformer").qdq_bytes())
    scales = {t.name: tuple(t.dims) for t in quantized.graph.initializer}
    assert scales["patches.weight_scale"] == (16,)
    assert scales["encoder.ff.up.weight_scale"] == (128,)


def tiny(weights: np.ndarray) -> onnx.ModelProto:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 4])
    constant = helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(weights))
    product = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph([constant, product], "tiny", [x], [y])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def test_ranges_hold_zero_and_what_was_seen() -> None:
    weights = np.ones((3, 4), np.float32)
    feeds = [{"x": np.full((2, 3), value, np.float32)} for value in (1.01, 2.5)]
    model = onnx.shape_inference.infer_shapes(tiny(weights))
    ranges = observe(model, feeds)
    assert ranges["x"][0] == 0.0
    assert 2.5 <= ranges["x"][1] <= 2.5 * 1.032
    assert 7.5 <= ranges["y"][1] <= 7.5 * 1.032


def test_constants_as_nodes_are_weights_and_the_model_given_is_not_changed() -> None:
    model = tiny(np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4))
    before = model.SerializeToString(deterministic=True)
    rng = np.random.default_rng(0)
    feeds = [{"x": rng.standard_normal((2, 3)).astype(np.float32)} for _ in range(20)]
    quantized = quantize_static(model, feeds)
    assert model.SerializeToString(deterministic=True) == before
    types = {t.name: t.data_type for t in quantized.graph.initializer}
    assert types["w_quantized"] == TensorProto.INT8
    exact, rounded = outputs(model, feeds), outputs(quantized, feeds)
    assert np.abs(exact - rounded).max() < 0.05 * np.abs(exact).max()


def test_calibration_must_fit_the_model() -> None:
    model = tiny(np.ones((3, 4), np.float32))
    good = np.ones((2, 3), np.float32)
    with pytest.raises(InputError, match="none were given"):
        quantize_static(model, [])
    with pytest.raises(InputError, match="the model takes"):
        quantize_static(model, [{"z": good}])
    with pytest.raises(InputError, match="the model takes"):
        quantize_static(model, [{"x": good[:1]}])
    with pytest.raises(InputError, match="not finite"):
        quantize_static(model, [{"x": good * np.float32(np.nan)}])
