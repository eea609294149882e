"""Forms in which other people's exporters write what runs here under another name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from qdq_models import Array, Case, QdqModel, compare, run_onnx

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.graph.ops import LayerNorm, Linear, Softmax
from tinyrig.suite.models.quantize import observe_quantized, quantize_static


def near(case: Case, steps: int = 1) -> None:
    found = compare(case)
    assert found.elements > found.different // 2
    assert found.largest <= steps


# Weights


def weighted(codes: Array, scale: Array, zero: Array, **attributes: int) -> Case:
    """A Gemm over weights [K, N] with a zero point."""
    m = QdqModel(np.random.default_rng(3))
    x = m.activation((4, codes.shape[0]))
    w = m.node("DequantizeLinear", *map(m.constant, (codes, scale, zero)), **attributes)
    return m.case(m.quantised(m.node("Gemm", x, w)))


def test_weights_within_int8_steps_of_their_zero_point_are_exact() -> None:
    codes = np.random.default_rng(1).integers(0, 121, (12, 5)).astype(np.uint8)
    case = weighted(codes, np.float32(0.01), np.uint8(7))
    near(case)
    graph = graph_from_model(case.model, "zero")
    (linear,) = (node for node in graph.nodes if isinstance(node, Linear))
    assert np.array_equal(linear.weight, codes.T.astype(np.int64) - 7)
    assert not graph.notes


def test_weights_that_reach_further_are_rounded_and_told() -> None:
    codes = np.random.default_rng(1).integers(0, 256, (12, 5)).astype(np.uint8)
    codes[:, 0] = 100  # a channel that fits keeps its codes
    case = weighted(codes, np.full(5, 0.01, np.float32), np.full(5, 100, np.uint8), axis=1)
    graph = graph_from_model(case.model, "zero")
    (linear,) = (node for node in graph.nodes if isinstance(node, Linear))
    assert not linear.weight[0].any()
    assert np.abs(linear.weight[1:]).max() == 127
    assert "4 of its 5 output channels are rounded" in " ".join(graph.notes)
    near(case, 2)


@pytest.mark.parametrize("kind", [TensorProto.INT4, TensorProto.UINT4])
def test_weights_of_4_bits_run_and_are_told(kind: int) -> None:
    signed = kind == TensorProto.INT4
    codes = np.random.default_rng(1).integers(-8 if signed else 0, 8 if signed else 16, (12, 5))
    stored, zero = (helper.tensor_dtype_to_np_dtype(kind), 0 if signed else 8)
    case = weighted(codes.astype(stored), np.float32(0.1), np.asarray(zero, stored))
    near(case)
    assert "of 4 bits" in " ".join(graph_from_model(case.model, "narrow").notes)


def test_a_constant_quantized_to_4_bits_is_clipped_to_them() -> None:
    m = QdqModel(np.random.default_rng(3))
    stored = helper.tensor_dtype_to_np_dtype(TensorProto.INT4)
    affine = (m.floats(0.1), m.constant(np.zeros((), stored)))
    w = m.node("QuantizeLinear", m.floats(np.linspace(-2, 2, 24).reshape(8, 3)), *affine)
    x = m.activation((4, 8))
    near(m.case(m.quantised(m.node("MatMul", x, m.node("DequantizeLinear", w, *affine)))))


@pytest.mark.parametrize(("steps", "fits"), [(1.0, True), (3.0, False)])
def test_a_bias_at_the_end_of_int32_is_cut_by_less_than_a_step(steps: float, fits: bool) -> None:
    m = QdqModel(np.random.default_rng(3))
    x = m.pair(m.activation((2, 1)), 1.0, 0)
    w = m.node("DequantizeLinear", m.constant(np.asarray([[127]], np.int8)), m.floats(1.0))
    room = 2**31 - 1 - 128 * 127
    y = m.node("Gemm", x, w, m.floats([room + steps * 2.0**25 / 1.25]))
    model = m.case(m.pair(y, 2.0**25, 0)).model
    if fits:
        near(Case(model, m.feeds))
        return
    with pytest.raises(UnsupportedError, match="leaves int32"):
        graph_from_model(model, "bias")


def test_a_layer_left_in_float_is_filled_in_and_told() -> None:
    """esp-ppq leaves the last layer and the function before it in float."""
    m = QdqModel(np.random.default_rng(3))
    x = m.quantised(m.node("MatMul", m.activation((3, 8)), m.weight((8, 6))))
    y = m.node("Gemm", m.node("Tanh", x), m.floats(m.rng.normal(0, 1, (6, 4))), m.floats([1.0] * 4))
    case = m.case(m.quantised(y))
    with pytest.raises(UnsupportedError, match="--calibration"):
        graph_from_model(case.model, "float")
    seen = observe_quantized(case.model, [dict(case.feeds)])
    told = " ".join(graph_from_model(case.model, "float", seen).notes)
    assert "has no QuantizeLinear: int8, with a scale for each channel" in told
    assert "over the range that calibration saw" in told
    assert compare(case, seen).largest <= 2


def masked_in_float(m: QdqModel, least: float) -> Case:
    """Scores that nothing quantizes, a mask put to them, and a quantized product behind them."""
    x, w = m.activation((1, 6, 8)), m.weight((6, 4))
    scores = m.node("MatMul", x, m.node("Transpose", x, perm=[0, 2, 1]))
    mask = np.where(np.tri(6, dtype=bool), 0.0, least)
    mask[0, 5] = -np.inf
    masked = m.node("Add", m.node("Mul", scores, m.floats(0.1)), m.floats(mask))
    p = m.node("Softmax", masked, axis=-1)
    return m.case(m.quantised(m.node("MatMul", m.pair(p, 1 / 256, -128), w)))


def test_calibration_passes_over_masks_of_minus_infinity() -> None:
    """ONNX's Attention has them in its body, PyTorch's layers in their masks."""
    case = masked_in_float(QdqModel(np.random.default_rng(3)), -np.inf)
    assert compare(case, observe_quantized(case.model, [dict(case.feeds)])).largest <= 2


def test_calibration_tells_of_what_is_no_number() -> None:
    case = masked_in_float(QdqModel(np.random.default_rng(3)), np.nan)
    with pytest.raises(InputError, match="not finite"):
        observe_quantized(case.model, [dict(case.feeds)])


def test_a_weight_left_in_float_is_rounded_to_int8() -> None:
    m = QdqModel(np.random.default_rng(3))
    weight = m.rng.normal(0, 1, (8, 6)).astype(np.float32)
    weight[:, 2] = 0.0
    case = m.case(m.quantised(m.node("MatMul", m.activation((3, 8)), m.floats(weight))))
    (linear,) = (n for n in graph_from_model(case.model, "w").nodes if isinstance(n, Linear))
    step = np.abs(weight).max(axis=0) / 127
    assert np.array_equal(linear.weight, np.rint(weight / np.where(step > 0, step, 1)).T)
    near(case, 2)


def test_an_activation_of_4_bits_is_refused() -> None:
    m = QdqModel(np.random.default_rng(3))
    stored = helper.tensor_dtype_to_np_dtype(TensorProto.INT4)
    affine = (m.floats(0.1), m.constant(np.zeros((), stored)))
    codes = m.node("QuantizeLinear", m.activation((2, 3)), *affine)
    model = m.model([m.node("DequantizeLinear", codes, *affine)])
    with pytest.raises(UnsupportedError, match="4 bits"):
        graph_from_model(model, "narrow")


# Operators


def test_contributed_quantizers_are_onnx_s_own() -> None:
    m = QdqModel(np.random.default_rng(2))
    x = m.activation((3, 8))
    case = m.case(m.quantised(m.node("MatMul", x, m.weight((8, 4)))))
    for node in case.model.graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            node.domain = "com.microsoft"
    near(case)


@pytest.mark.parametrize("attributes", [{}, {"is_causal": 1}, {"scale": 0.3}])
def test_attention_is_read_in_parts(attributes: Mapping[str, Any]) -> None:
    m = QdqModel(np.random.default_rng(2), opset=23)
    names = [m.activation((1, 2, 6, 8)) for _ in range(3)]
    model = _float(m, m.node("Attention", *names, **attributes))
    graph = graph_from_model(quantize_static(model, [dict(m.feeds)]), "attention")
    (softmax,) = (node for node in graph.nodes if isinstance(node, Softmax))
    assert (softmax.kept is not None) == ("is_causal" in attributes)
    near(Case(quantize_static(model, [dict(m.feeds)]), m.feeds), 3)


def _float(m: QdqModel, output: str) -> onnx.ModelProto:
    """The model without its quantizers, as a float exporter writes it."""
    case = m.case(output)
    model, alias = case.model, dict[str, str]()
    kept = []
    for node in model.graph.node:
        for slot, name in enumerate(node.input):
            node.input[slot] = alias.get(name, name)
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            alias[node.output[0]] = node.input[0]
        else:
            kept.append(node)
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in kept]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def _norm(m: QdqModel, op: str) -> str:
    rank = 2 if op == "flat" else 4
    x = m.activation((1, 4, 5, 3)[:rank] if rank == 4 else (3, 4))
    row, shift = m.floats([0.5, -1.0, 2.0, 1.0]), m.floats([0.1, 0.0, -0.2, 0.3])
    if op in ("BatchNormalization", "flat"):
        mean, variance = m.floats([0.3, -0.1, 0.2, 0.0]), m.floats([1.0, 0.5, 2.0, 0.1])
        return m.node("BatchNormalization", x, row, shift, mean, variance, epsilon=1e-3)
    if op == "GroupNormalization":
        return m.node(op, x, row, shift, num_groups=2)
    return m.node("InstanceNormalization", x, row, shift)


@pytest.mark.parametrize(
    "op", ["BatchNormalization", "flat", "GroupNormalization", "InstanceNormalization"]
)
def test_norms_over_channels(op: str) -> None:
    m = QdqModel(np.random.default_rng(6))
    model = _float(m, _norm(m, op))
    quantized = quantize_static(model, [dict(m.feeds)])
    near(Case(quantized, m.feeds))
    graph = graph_from_model(quantized, "norm")
    rows = sum(isinstance(node, LayerNorm) for node in graph.nodes)
    assert rows == (op in ("GroupNormalization", "InstanceNormalization"))
    (real,) = run_onnx(Case(model, m.feeds))
    (made,) = run_onnx(Case(quantized, m.feeds))
    assert np.abs(real - made).max() < 0.05 * np.abs(real).max()


def test_a_batch_norm_behind_a_convolution_is_part_of_it() -> None:
    m = QdqModel(np.random.default_rng(6))
    x = m.activation((1, 3, 6, 6))
    weight = m.floats(m.rng.normal(0, 0.3, (4, 3, 3, 3)))
    y = m.node("Conv", x, weight, m.floats([0.1, 0.2, 0.3, 0.4]), strides=[2, 2], pads=[1] * 4)
    rows = [m.floats(m.rng.uniform(0.3, 2, 4)) for _ in range(4)]
    model = _float(m, m.node("Relu", m.node("BatchNormalization", y, *rows)))
    quantized = quantize_static(model, [dict(m.feeds)])
    near(Case(quantized, m.feeds))
    assert len(graph_from_model(quantized, "norm").nodes) == 1
    (real,), (made,) = (run_onnx(Case(one, m.feeds)) for one in (model, quantized))
    assert np.abs(real - made).max() < 0.03 * np.abs(real).max()


def test_a_group_that_does_not_divide_the_channels_is_refused() -> None:
    m = QdqModel(np.random.default_rng(6))
    model = m.model([m.node("GroupNormalization", m.activation((1, 4, 2)), m.floats([1.0] * 4),
                            m.floats([0.0] * 4), num_groups=3)])  # fmt: skip
    with pytest.raises(InputError, match="3 groups of 4 channels"):
        graph_from_model(model, "groups")


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
@pytest.mark.parametrize("how", ["half_pixel", "asymmetric", "pytorch_half_pixel"])
def test_resize_between_cells(factor: int, how: str) -> None:
    m = QdqModel(np.random.default_rng(factor))
    x = m.activation((1, 3, 4, 5))
    scales = m.floats([1, 1, factor, 2])
    y = m.node(
        "Resize", x, m.floats(np.zeros(0)), scales, mode="linear",
        coordinate_transformation_mode=how,
    )  # fmt: skip
    near(m.case(m.quantised(y)))


def test_a_guard_of_softmax_with_steps_of_its_own() -> None:
    m = QdqModel(np.random.default_rng(5))
    p = m.pair(m.node("Softmax", m.activation((4, 9))), 1 / 255, -128)
    guarded = m.node("Where", m.node("IsNaN", p), m.floats(0.0), p)
    near(m.case(m.pair(guarded, 1 / 400, -128)))


def test_masks_that_hide_nothing_are_dropped() -> None:
    m = QdqModel(np.random.default_rng(5))
    x = m.activation((2, 5))
    added = m.node("Add", m.floats(np.zeros((2, 5))), x)
    chosen = m.node("Where", m.constant(np.ones((1, 5), np.bool_)), added, m.floats(-1e9))
    graph = graph_from_model(
        m.case(m.node("Relu", m.node("Sub", chosen, m.floats(0.0)))).model, "m"
    )
    assert len(graph.nodes) == 1


def test_a_constant_that_repeats_an_operand_is_not_dropped() -> None:
    m = QdqModel(np.random.default_rng(5))
    y = m.node("Add", m.activation((1, 5)), m.floats(np.zeros((3, 1))))
    near(m.case(m.quantised(y)))


def test_constants_gathered_by_element() -> None:
    m = QdqModel(np.random.default_rng(5))
    row = m.node(
        "GatherElements", m.floats(np.arange(12).reshape(2, 6)), m.ints([[5, 0, 2]]), axis=1
    )
    near(m.case(m.quantised(m.node("Add", m.activation((4, 3)), row))))


# What the file declares, and leaves open


def test_an_open_axis_may_be_declared_as_minus_one() -> None:
    m = QdqModel(np.random.default_rng(5))
    case = m.case(m.node("Relu", m.activation((1, 3))))
    case.model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = -1
    assert graph_from_model(case.model, "open").outputs


def test_an_input_without_a_quantizer_is_fitted_to_what_calibration_saw() -> None:
    m = QdqModel(np.random.default_rng(5))
    name = m.name("x")
    m._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, (3, 8)))
    m.feeds[name] = m.rng.normal(0, 1, (3, 8)).astype(np.float32)
    case = m.case(m.quantised(m.node("MatMul", name, m.weight((8, 4)))))
    with pytest.raises(UnsupportedError, match="--calibration"):
        graph_from_model(case.model, "open")
    seen = observe_quantized(case.model, [dict(case.feeds)])
    graph = graph_from_model(case.model, "open", seen)
    assert f"the input {name!r} has no QuantizeLinear" in " ".join(graph.notes)
    assert compare(case, seen).largest <= 2


def test_types_of_tensors_that_no_node_writes_are_passed_over() -> None:
    m = QdqModel(np.random.default_rng(5))
    case = m.case(m.quantised(m.node("MatMul", m.activation((3, 8)), m.weight((8, 4)))))
    gone = helper.make_tensor_value_info("fused away", TensorProto.FLOAT, (3, 8))
    case.model.graph.value_info.append(gone)
    assert "fused away" not in observe_quantized(case.model, [dict(case.feeds)])


def test_an_empty_constant_is_taken_where_a_resize_means_none_and_nowhere_else() -> None:
    m = QdqModel(np.random.default_rng(5))
    model = m.model([m.node("Add", m.activation((2, 3)), m.floats(np.zeros((0, 3))))])
    with pytest.raises(InputError, match="it is empty"):
        graph_from_model(model, "empty")


def test_flags_may_be_declared() -> None:
    """PyTorch's newer exporter says of every tensor what it is, of IsNaN's BOOL."""
    m = QdqModel(np.random.default_rng(5))
    p = m.node("Softmax", m.activation((4, 9)))
    flags = m.node("IsNaN", p)
    case = m.case(m.pair(m.node("Where", flags, m.floats(0.0), p), 1 / 255, -128))
    case.model.graph.value_info.append(
        helper.make_tensor_value_info(flags, TensorProto.BOOL, (4, 9))
    )
    near(case)
