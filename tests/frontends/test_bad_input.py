"""Bad models: one clear paragraph each, of the right class, naming what was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from qdq_models import QdqModel

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends import graph_from_model, load_onnx


def small_model() -> onnx.ModelProto:
    """x [2, 6] -> Gemm -> y, all quantized."""
    m = QdqModel(np.random.default_rng(7))
    y = m.node("Gemm", m.activation((2, 6)), m.weight((6, 3), 1))
    return m.case(m.quantised(y)).model


def tensor_of(model: onnx.ModelProto, node_input: str) -> onnx.TensorProto:
    return next(t for t in model.graph.initializer if t.name == node_input)


def first(model: onnx.ModelProto, op: str) -> onnx.NodeProto:
    return next(node for node in model.graph.node if node.op_type == op)


def replace_scale(model: onnx.ModelProto, value: np.generic) -> None:
    name = first(model, "QuantizeLinear").input[1]
    tensor_of(model, name).CopyFrom(numpy_helper.from_array(np.asarray(value), name))


def refused(model: onnx.ModelProto, kind: type[InputError], *words: str) -> None:
    """Assert that the model is refused with one paragraph that holds all the words."""
    with pytest.raises(kind) as caught:
        graph_from_model(model, "bad")
    text = str(caught.value)
    assert "\n" not in text
    for word in words:
        assert word in text


def test_the_small_model_is_good() -> None:
    assert graph_from_model(small_model(), "good").outputs


# Files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (bytes(np.random.default_rng(0).integers(0, 256, 500, dtype=np.uint8)), "not an ONNX"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100), "not an ONNX"),
        (b"import torch\n\nprint('hello')\n" * 10, "not an ONNX"),
        (b"{}\n", "not an ONNX"),
    ],
)
def test_not_an_onnx_file(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(content)
    with pytest.raises(InputError, match=words):
        load_onnx(file)


def test_missing_file_folder_and_limit(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_onnx(tmp_path / "none.onnx")
    with pytest.raises(InputError, match="is a folder"):
        load_onnx(tmp_path)
    with pytest.raises(InputError):
        load_onnx(Path("a\0b.onnx"))
    file = tmp_path / "model.onnx"
    onnx.save(small_model(), file)
    with pytest.raises(InputError, match="the limit is 100"):
        load_onnx(file, max_bytes=100)


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    model = small_model()
    # The last field, an operator set the model does not use, may be missing.
    data = model.SerializeToString()[: -len(model.opset_import[1].SerializeToString()) - 2]
    file = tmp_path / "model.onnx"
    file.write_bytes(data)
    assert load_onnx(file).outputs
    for size in range(len(data)):
        file.write_bytes(data[:size])
        with pytest.raises(InputError):
            load_onnx(file)


def test_damaged_bytes_never_escape_as_other_errors(tmp_path: Path) -> None:
    data = bytearray(small_model().SerializeToString())
    rng = np.random.default_rng(3)
    file = tmp_path / "model.onnx"
    for _ in range(400):
        damaged = bytearray(data)
        for at in rng.integers(0, len(data), 2):
            damaged[at] = int(rng.integers(0, 256))
        file.write_bytes(damaged)
        try:
            load_onnx(file)
        except InputError as error:
            assert "\n" not in str(error)


# Graphs


def test_float_model_asks_for_calibration() -> None:
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "float",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 21)])
    refused(model, InputError, "float model", "--calibration FILE.npz")


def test_empty_graph() -> None:
    model = small_model()
    del model.graph.node[:]
    refused(model, InputError, "empty")


def test_unsupported_operator_is_named_with_what_is_supported() -> None:
    m = QdqModel(np.random.default_rng(1))
    model = m.case(m.node("LRN", m.activation((1, 4, 8, 8)), size=3)).model
    refused(model, UnsupportedError, "LRN", "LayerNormalization")


def test_several_largest() -> None:
    m = QdqModel(np.random.default_rng(1))
    model = m.case(*m.nodes("TopK", m.activation((4, 8)), m.ints([2]), outputs=2)).model
    refused(model, UnsupportedError, "k 2", "k of 1")


def test_an_argument_beyond_int8() -> None:
    m = QdqModel(np.random.default_rng(1))
    model = m.case(m.node("ArgMax", m.activation((1, 257)), axis=1)).model
    refused(model, UnsupportedError, "an axis of 257", "at most 256")


def test_subgraph() -> None:
    model = small_model()
    flag = helper.make_tensor("flag", TensorProto.BOOL, [], [True])
    model.graph.initializer.append(flag)
    out = helper.make_tensor_value_info("inner", TensorProto.FLOAT, [1])
    inner = helper.make_graph(
        [helper.make_node("Constant", [], ["inner"], value_float=1.0)], "b", [], [out]
    )
    model.graph.node.append(helper.make_node("Loop", ["", "flag"], ["z"], name="again", body=inner))
    refused(model, UnsupportedError, "Loop", "again", "subgraph")


@pytest.mark.parametrize(
    ("axis", "label", "words"),
    [(0, "time", "axis 0 ('time')"), (0, "", "axis 0"), (1, "batch", "axis 1 ('batch')")],
)
def test_dynamic_shape_names_the_axis(axis: int, label: str, words: str) -> None:
    model = small_model()
    dim = model.graph.input[0].type.tensor_type.shape.dim[axis]
    dim.Clear()
    if label:
        dim.dim_param = label
    refused(model, InputError, "dynamic", words, model.graph.input[0].name)


def test_zero_size_input() -> None:
    model = small_model()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 0
    refused(model, InputError, "empty", model.graph.input[0].name)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.INT64, TensorProto.DOUBLE])
def test_wrong_input_type(kind: int) -> None:
    model = small_model()
    model.graph.input[0].type.tensor_type.elem_type = kind
    refused(model, InputError, model.graph.input[0].name, TensorProto.DataType.Name(kind))


def test_wrong_constant_type() -> None:
    m = QdqModel(np.random.default_rng(1))
    y = m.node("Add", m.activation((2, 3)), m.floats([1.0, 2.0, 3.0]))
    model = m.case(m.quantised(y)).model
    name = first(model, "Add").input[1]
    tensor_of(model, name).CopyFrom(numpy_helper.from_array(np.ones(3, dtype=np.float16), name))
    refused(model, InputError, name, "float16")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0, -0.5])
def test_bad_scale_names_the_tensor(value: float) -> None:
    model = small_model()
    replace_scale(model, np.float32(value))
    refused(model, InputError, "scale", model.graph.input[0].name, "positive and finite")


@pytest.mark.parametrize("value", [np.uint8(2), np.int64(1)])
def test_a_scale_that_is_no_float(value: np.generic) -> None:
    model = small_model()
    replace_scale(model, value)
    refused(model, InputError, "QuantizeLinear", "scale", str(value.dtype), "is a float")


@pytest.mark.parametrize("shape", [(2,), (3, 3), (1, 2), (1, 1, 3)])
def test_a_bias_that_fits_no_output(shape: tuple[int, ...]) -> None:
    """The product is [2, 3]."""
    model = small_model()
    bias = numpy_helper.from_array(np.zeros(shape, np.float32), "bias")
    model.graph.initializer.append(bias)
    first(model, "Gemm").input.append("bias")
    refused(model, InputError, "Gemm", f"a bias of {list(shape)}")


def test_zero_point_of_another_type() -> None:
    model = small_model()
    node = first(model, "QuantizeLinear")
    zero = numpy_helper.from_array(np.asarray(400, dtype=np.int16), node.input[2])
    tensor_of(model, node.input[2]).CopyFrom(zero)
    refused(model, InputError, "INT16", model.graph.input[0].name)


def test_per_channel_activation() -> None:
    m = QdqModel(np.random.default_rng(1))
    x = m.activation((2, 3))
    step, zero = m.floats([0.1, 0.2, 0.3]), m.constant(np.zeros(3, dtype=np.int8))
    codes = m.node("QuantizeLinear", m.node("Relu", x), step, zero, axis=1)
    model = m.case(m.node("DequantizeLinear", codes, step, zero, axis=1)).model
    refused(model, UnsupportedError, "per channel")


def test_float_tensor_between_operators_is_named() -> None:
    m = QdqModel(np.random.default_rng(1))
    first_product = m.node("MatMul", m.activation((4, 6)), m.weight((6, 5)))
    y = m.node("MatMul", first_product, m.weight((5, 3)))
    refused(m.case(m.quantised(y)).model, UnsupportedError, repr(first_product), "stays float")


def test_dilation() -> None:
    m = QdqModel(np.random.default_rng(1))
    x, how = m.activation((1, 2, 9)), {"kernel_shape": [3], "dilations": [2], "pads": [2, 2]}
    model = m.case(m.quantised(m.node("AveragePool", x, **how))).model
    refused(model, UnsupportedError, "dilations", "count_include_pad")


def test_dilation_of_a_pool_with_auto_pad() -> None:
    m = QdqModel(np.random.default_rng(1))
    how = {"kernel_shape": [3], "dilations": [2], "auto_pad": "SAME_UPPER"}
    model = m.model([m.pair(m.node("MaxPool", m.activation((1, 2, 9)), **how), 0.05, 0)])
    refused(model, UnsupportedError, "SAME_UPPER with dilations", "explicit pads")


@pytest.mark.parametrize("shape", [[2], [9, 9]])
def test_output_shape_of_a_transposed_convolution(shape: list[int]) -> None:
    m = QdqModel(np.random.default_rng(1))
    x, weight = m.activation((1, 2, 4)), m.weight((2, 3, 3))
    model = m.model([m.node("ConvTranspose", x, weight, output_shape=shape)])
    refused(model, InputError, "output_shape")


def test_missing_initialiser() -> None:
    model = small_model()
    name = first(model, "QuantizeLinear").input[1]
    model.graph.initializer.remove(tensor_of(model, name))
    refused(model, InputError, name, "initialiser is missing")


def test_cycle() -> None:
    model = small_model()
    nodes = model.graph.node
    nodes[0].input[0] = nodes[-1].output[0]
    refused(model, InputError, "cyclic")


def test_versions() -> None:
    model = small_model()
    model.ir_version = 999
    refused(model, InputError, "IR version 999")
    model = small_model()
    model.opset_import[0].version = 999
    refused(model, InputError, "opset 999")
    model.opset_import[0].version = 7
    refused(model, InputError, "opset 7")
    del model.opset_import[:]
    refused(model, InputError, "opset")
    model = small_model()
    model.opset_import.add(domain="com.microsoft", version=2)
    refused(model, InputError, "version 2", "com.microsoft")


def test_shapes_that_do_not_fit() -> None:
    model = small_model()
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 5
    refused(model, InputError, "do not fit", first(model, "Gemm").name)


def test_names_that_are_not_text() -> None:
    data = small_model().SerializeToString()
    name = small_model().graph.input[0].name.encode()
    model = onnx.ModelProto()
    model.ParseFromString(data.replace(name, b"\xff" * len(name)))
    refused(model, InputError, "not UTF-8")


def test_unknown_and_oversized_constants() -> None:
    model = small_model()
    model.graph.initializer[0].data_type = 111
    refused(model, InputError, "111")
    m = QdqModel(np.random.default_rng(1))
    y = m.node("Tile", m.activation((2, 3)), m.ints([1, 1]))
    model = m.case(m.quantised(y)).model
    name = first(model, "Tile").input[1]
    tensor_of(model, name).CopyFrom(numpy_helper.from_array(np.array([2**40, 2**10]), name))
    refused(model, InputError, "elements; at most")


def test_biases_of_another_size() -> None:
    m = QdqModel(np.random.default_rng(1))
    y = m.node("Conv", m.activation((1, 2, 9)), m.weight((3, 2, 3), 0), m.floats([1, 2, 3]))
    model = m.case(m.quantised(y)).model
    name = first(model, "Conv").input[2]
    tensor_of(model, name).CopyFrom(numpy_helper.from_array(np.ones(4, dtype=np.float32), name))
    refused(model, InputError, name, "3 channels")


@pytest.mark.parametrize("epsilon", [float("nan"), float("inf"), -1.0])
def test_epsilon_out_of_range(epsilon: float) -> None:
    m = QdqModel(np.random.default_rng(1))
    y = m.node("LayerNormalization", m.activation((2, 8)), m.floats(np.ones(8)), epsilon=1e-5)
    model = m.case(m.quantised(y)).model
    first(model, "LayerNormalization").attribute[0].f = epsilon
    refused(model, InputError, "LayerNormalization", "epsilon")


# External data


def external(tmp_path: Path, change: Callable[[onnx.TensorProto], None]) -> Path:
    """Save the small model with external weights, one of them changed."""
    folder = tmp_path / "model"
    folder.mkdir()
    file = folder / "model.onnx"
    onnx.save(
        small_model(), file, save_as_external_data=True, location="weights.bin", size_threshold=0
    )
    model = onnx.load(file, load_external_data=False)
    tensor = max(model.graph.initializer, key=lambda t: int(np.prod(t.dims)))
    change(tensor)
    file.write_bytes(model.SerializeToString())
    return file


def relocate(where: str) -> Callable[[onnx.TensorProto], None]:
    def change(tensor: onnx.TensorProto) -> None:
        next(e for e in tensor.external_data if e.key == "location").value = where

    return change


def test_external_data_beside_the_model(tmp_path: Path) -> None:
    graph = load_onnx(external(tmp_path, lambda _: None))
    inside = graph_from_model(small_model(), "model")
    assert np.array_equal(graph.nodes[0].weight, inside.nodes[0].weight)
    assert len(graph.source_sha256) == 64


@pytest.mark.parametrize("where", ["../secret.bin", "/etc/hostname", "a/../../secret.bin"])
def test_external_data_outside_the_folder(tmp_path: Path, where: str) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(1000))
    with pytest.raises(InputError, match="outside the model's folder"):
        load_onnx(external(tmp_path, relocate(where)))


def test_external_data_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(1000))
    file = external(tmp_path, relocate("link.bin"))
    (file.parent / "link.bin").symlink_to(tmp_path / "secret.bin")
    with pytest.raises(InputError, match="outside the model's folder"):
        load_onnx(file)


def test_external_data_missing_or_short(tmp_path: Path) -> None:
    file = external(tmp_path, relocate("gone.bin"))
    with pytest.raises(InputError, match=r"gone\.bin.*does not exist"):
        load_onnx(file)
    (file.parent / "gone.bin").write_bytes(b"1")
    with pytest.raises(InputError, match="has only 1 bytes"):
        load_onnx(file)


def test_external_data_of_a_model_in_memory(tmp_path: Path) -> None:
    file = external(tmp_path, lambda _: None)
    refused(onnx.load(file, load_external_data=False), InputError, "external file")
