"""What the frontend makes of groups of nodes, of exporters' habits, and of shared tensors."""

from __future__ import annotations

from collections import Counter

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from qdq_models import Case, QdqModel, compare, run_onnx

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Conv, LayerNorm, Linear, MatMul, Unary
from tinyrig.suite.reference.boundary import quantize_input
from tinyrig.suite.reference.executor import run_reference


def fresh(seed: int = 5, opset: int = 21) -> QdqModel:
    return QdqModel(np.random.default_rng(seed), opset)


def lowered(case: Case) -> Graph:
    """Lower a case after checking it against ONNX Runtime."""
    assert compare(case).largest <= 1
    return graph_from_model(case.model, "case")


def kinds(graph: Graph) -> Counter[str]:
    return Counter(node.op for node in graph.nodes)


# Fusion


def test_relu_before_the_quantizer_is_the_convolutions_clamp() -> None:
    m = fresh()
    y = m.node("Relu", m.node("Conv", m.activation((1, 3, 9)), m.weight((4, 3, 3), 0)))
    graph = lowered(m.case(m.pair(y, 0.05, -10)))
    (conv,) = graph.nodes
    assert isinstance(conv, Conv)
    assert conv.requant.lo == -10


def test_relu_behind_the_quantizer_is_the_clamp_of_its_only_writer() -> None:
    m = fresh()
    y = m.pair(m.node("MatMul", m.activation((5, 8)), m.weight((8, 3), 1)), 0.05, 3)
    graph = lowered(m.case(m.pair(m.node("Relu", y), 0.05, 3)))
    (linear,) = graph.nodes
    assert isinstance(linear, Linear)
    assert linear.requant.lo == 3


def test_a_shared_tensor_keeps_its_values() -> None:
    m = fresh()
    y = m.pair(m.node("MatMul", m.activation((5, 8)), m.weight((8, 3), 1)), 0.05, 3)
    graph = lowered(m.case(m.pair(m.node("Relu", y), 0.05, 3), y))
    assert kinds(graph) == {"linear": 1, "unary": 1}


@pytest.mark.parametrize("whole", ["Reshape", "Slice", "Transpose", "Tile"])
@pytest.mark.parametrize("again", ["output", "sum", "concat"])
def test_a_tensor_under_two_names_keeps_its_values(whole: str, again: str) -> None:
    """An operator that leaves all as it is gives a tensor a second name, not a second life."""
    m = fresh()
    y = m.pair(m.node("MatMul", m.activation((5, 8)), m.weight((8, 3), 1)), 0.05, 3)
    match whole:
        case "Reshape":
            same = m.node("Reshape", y, m.ints([5, 3]))
        case "Slice":
            same = m.node("Slice", y, m.ints([0]), m.ints([9]), m.ints([0]))
        case "Transpose":
            same = m.node("Transpose", y, perm=[0, 1])
        case _:
            same = m.node("Tile", y, m.ints([1, 1]))
    limited = m.pair(m.node("Relu", same), 0.05, 3)
    if again == "concat":  # where a table makes the tensor, not an operator
        y = m.pair(m.node("Tanh", y), 0.01, 3)
        same = m.pair(m.node("Reshape", y, m.ints([5, 3])), 1e-9, -128)
        lowered(m.case(m.pair(m.node("Concat", y, same, axis=0), 0.1, 3)))
    elif again == "output":
        lowered(m.case(limited, y))
    else:
        lowered(m.case(m.pair(m.node("Add", y, limited), 0.1, 3)))


def test_uint8_weights_around_128_are_the_int8_weights() -> None:
    codes = np.random.default_rng(8).integers(-128, 128, (8, 3))
    graphs = []
    for kind, offset in ((np.int8, 0), (np.uint8, 128)):
        m = fresh()
        zero = m.constant(np.asarray(offset, kind))
        stored = m.constant((codes + offset).astype(kind))
        weight = m.node("DequantizeLinear", stored, m.floats(0.01), zero)
        y = m.node("MatMul", m.activation((5, 8)), weight)
        graphs.append(lowered(m.case(m.pair(y, 0.2, 3))))
    (one,), (two,) = (graph.nodes for graph in graphs)
    assert isinstance(one, Linear) and isinstance(two, Linear)
    assert np.array_equal(one.weight, two.weight)
    assert np.array_equal(one.start, two.start)


def test_a_scale_between_scores_and_softmax_costs_nothing() -> None:
    for quantized in (False, True):
        m = fresh()
        q, k = m.activation((2, 6, 4)), m.activation((2, 4, 6))
        y = m.node("MatMul", q, k)
        y = m.pair(y, 0.4, 5) if quantized else y
        y = m.pair(m.node("Div", y, m.floats(2.0)), 0.2, 5)
        graph = lowered(m.case(m.pair(m.node("Softmax", y), 1 / 256, -128)))
        assert kinds(graph) == {"matmul": 1, "softmax": 1}
        scores = graph.tensors[graph.nodes[0].outputs[0]]
        assert scores.affine.scale == pytest.approx(0.2)


def test_a_bias_added_after_a_quantized_product_is_the_linears() -> None:
    m = fresh()
    y = m.node("MatMul", m.activation((5, 8)), m.weight((8, 3), 1))
    y = m.node("Add", m.pair(y, 0.1, 3), m.pair(m.floats([0.5, -1.0, 2.0]), 0.02, 0))
    graph = lowered(m.case(m.pair(y, 0.06, -3)))
    assert kinds(graph) == {"linear": 1}


def test_a_coarsely_quantized_product_keeps_its_own_rounding() -> None:
    m = fresh()
    y = m.node("MatMul", m.activation((5, 8)), m.weight((8, 3), 1))
    y = m.node("Add", m.pair(y, 0.5, 3), m.floats([0.5, -1.0, 2.0]))
    assert kinds(lowered(m.case(m.pair(y, 0.06, -3)))) == {"linear": 1, "constant": 1, "add": 1}


@pytest.mark.parametrize("quantized", [False, True])
def test_gelu_written_out_is_one_table(quantized: bool) -> None:
    m = fresh()

    def step(value: str) -> str:
        return m.quantised(value) if quantized else value

    x = m.activation((4, 40))
    inner = step(m.node("Erf", step(m.node("Div", x, m.floats(2**0.5)))))
    y = step(m.node("Mul", x, step(m.node("Add", inner, m.floats(1.0)))))
    graph = lowered(m.case(m.quantised(m.node("Mul", y, m.floats(0.5)))))
    (table,) = graph.nodes
    assert isinstance(table, Unary)
    assert table.function == "gelu"


def test_layer_norm_with_quantized_steps_is_one_operator() -> None:
    m = fresh(opset=17)
    x = m.activation((6, 32))
    gamma, beta = np.linspace(0.5, 1.5, 32), np.linspace(-1, 1, 32)
    centred = m.quantised(m.node("Sub", x, m.quantised(m.node("ReduceMean", x, axes=[-1]))))
    power = m.quantised(m.node("Pow", centred, m.floats(2.0)))
    variance = m.quantised(m.node("ReduceMean", power, axes=[-1]))
    root = m.quantised(m.node("Sqrt", m.node("Add", variance, m.floats(1e-5))))
    y = m.quantised(m.node("Div", centred, root))
    y = m.quantised(m.node("Mul", y, m.pair(m.floats(gamma), 0.012, 0)))
    y = m.pair(m.node("Add", y, m.pair(m.floats(beta), 0.008, 0)), 0.04, 0)
    graph = graph_from_model(m.case(y).model, "case")
    (node,) = graph.nodes
    assert isinstance(node, LayerNorm)
    # The inner roundings are dropped, so the result is the float operator's.
    name = graph.inputs[0]
    codes = quantize_input(m.feeds[name], graph.tensors[name].affine)
    real = m.measured(x).astype(np.float64)
    normal = (real - real.mean(1, keepdims=True)) / np.sqrt(real.var(1, keepdims=True) + 1e-5)
    expected = np.clip(np.rint((normal * gamma + beta) / 0.04), -128, 127)
    assert np.abs(run_reference(graph, {name: codes})[graph.outputs[0]] - expected).max() <= 1


def test_a_variance_used_elsewhere_is_not_part_of_a_layer_norm() -> None:
    m = fresh(opset=17)
    x = m.activation((6, 32))
    centred = m.node("Sub", x, m.node("ReduceMean", x, axes=[-1]))
    variance = m.node("ReduceMean", m.node("Mul", centred, centred), axes=[-1])
    root = m.node("Sqrt", m.node("Add", variance, m.floats(1e-5)))
    y = m.quantised(m.node("Div", centred, root))
    case = m.case(y, m.quantised(variance))
    with pytest.raises(UnsupportedError, match="stays float"):
        graph_from_model(case.model, "case")


def test_equal_quantization_of_a_concat_needs_no_tables() -> None:
    m = fresh()
    x = m.pair(m.node("Relu", m.activation((2, 3))), 0.1, -5)
    parts = [x, m.node("Transpose", m.pair(m.node("Tanh", m.activation((3, 2))), 0.1, -5))]
    graph = lowered(m.case(m.pair(m.node("Concat", *parts, axis=1), 0.1, -5)))
    assert kinds(graph) == {"unary": 2, "transpose": 1, "concat": 1}


# Exporters' habits


def test_float_weights_behind_a_quantizer_and_a_transpose() -> None:
    m = fresh()
    weight = m.floats(m.rng.normal(0, 0.2, (3, 8)))
    step, zero = m.floats(np.full(3, 0.005)), m.constant(np.zeros(3, dtype=np.int8))
    codes = m.node("QuantizeLinear", weight, step, zero, axis=0)
    real = m.node("DequantizeLinear", codes, step, zero, axis=0)
    y = m.node("MatMul", m.activation((5, 8)), m.node("Transpose", real, perm=[1, 0]))
    graph = lowered(m.case(m.quantised(y)))
    assert kinds(graph) == {"linear": 1}
    assert graph.parameters == 24


def test_clip_between_quantize_and_dequantize() -> None:
    m = fresh()
    bounds = [m.constant(np.asarray(n, dtype=np.int8)) for n in (-7, 7)]
    step, zero = m.floats(0.2), m.constant(np.asarray(0, dtype=np.int8))
    x = m.node("QuantizeLinear", m.node("Tanh", m.activation((4, 8))), step, zero)
    x = m.node("DequantizeLinear", m.node("Clip", x, *bounds), step, zero)
    weight = m.node("QuantizeLinear", m.floats(m.rng.normal(0, 2, (8, 3))), step, zero)
    weight = m.node("DequantizeLinear", m.node("Clip", weight, *bounds), step, zero)
    graph = lowered(m.case(m.quantised(m.node("MatMul", x, weight))))
    assert kinds(graph) == {"unary": 1, "linear": 1}
    linear = graph.nodes[-1]
    assert isinstance(linear, Linear)
    assert np.abs(linear.weight).max() == 7


def test_shape_arithmetic_is_folded() -> None:
    m = fresh()
    x = m.activation((2, 6, 4))
    shape = m.node("Shape", x)
    batch = m.node("Gather", shape, m.ints(0))
    target = m.node("Concat", m.node("Unsqueeze", batch, m.ints([0])), m.ints([-1]), axis=0)
    graph = lowered(m.case(m.node("Reshape", x, target)))
    assert kinds(graph) == {"reshape": 1}
    assert graph.tensors[graph.outputs[0]].shape == (2, 24)


def test_layout_operators_that_stay_float_take_the_affine_behind_them() -> None:
    m = fresh()
    y = m.node("MatMul", m.activation((6, 8)), m.weight((8, 12), 1))
    y = m.node("Transpose", m.node("Reshape", y, m.ints([6, 3, 4])), perm=[1, 0, 2])
    graph = lowered(m.case(m.quantised(y)))
    assert kinds(graph) == {"linear": 1, "reshape": 1, "transpose": 1}


def test_int8_and_uint8_model_inputs_and_outputs() -> None:
    for kind, dtype, low in ((TensorProto.INT8, np.int8, -128), (TensorProto.UINT8, np.uint8, 0)):
        zero = low + 100
        constants = [
            onnx.numpy_helper.from_array(np.float32(0.1), "s"),
            onnx.numpy_helper.from_array(np.asarray(zero, dtype=dtype), "z"),
        ]
        nodes = [
            helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0]),
            helper.make_node("DequantizeLinear", ["t", "s", "z"], ["real"]),
            helper.make_node("Tanh", ["real"], ["tanh"]),
            helper.make_node("QuantizeLinear", ["tanh", "s", "z"], ["y"]),
        ]
        infos = [
            helper.make_tensor_value_info(n, kind, s) for n, s in (("x", [3, 4]), ("y", [4, 3]))
        ]
        body = helper.make_graph(nodes, "int8", infos[:1], infos[1:], constants)
        model = helper.make_model(body, ir_version=10, opset_imports=[helper.make_opsetid("", 21)])
        codes = np.random.default_rng(1).integers(low, low + 256, (3, 4)).astype(dtype)
        (expected,) = run_onnx(Case(model, {"x": codes}))
        graph = graph_from_model(model, "int8")
        assert graph.tensors["x"].affine.zero_point == zero - low - 128
        stored = (codes.astype(np.int16) - low - 128).astype(np.int8)
        got = run_reference(graph, {"x": stored})["y"].astype(np.int16) + low + 128
        assert np.array_equal(got, expected)


def test_a_float_tail_of_known_range_is_quantized_to_it() -> None:
    m = fresh()
    x = m.activation((3, 9))
    case = m.case(m.node("Softmax", x), m.node("Sigmoid", x))
    graph = graph_from_model(case.model, "tail")
    softmax, sigmoid = (graph.tensors[name].affine for name in graph.outputs)
    assert (softmax.scale, softmax.zero_point) == (1 / 255, -128)
    assert sigmoid.scale <= 1 / 255
    assert compare(case).largest <= 1


# Outputs, parameters, identity


def test_outputs_that_are_inputs_constants_or_one_tensor_twice() -> None:
    m = fresh()
    x = m.activation((2, 3))
    y = m.quantised(m.node("Tanh", x))
    constant = m.pair(m.floats([1.0, -2.0]), 0.02, 0)
    graph = lowered(m.case(x, y, m.node("Identity", y), constant))
    assert len(set(graph.outputs)) == 4
    assert set(graph.outputs).isdisjoint(graph.inputs)


def test_parameters_and_macs_of_a_convolution() -> None:
    m = fresh()
    bias = m.node(
        "DequantizeLinear",
        m.constant(np.arange(4, dtype=np.int32)),
        m.floats(0.001),
        m.constant(np.asarray(0, dtype=np.int32)),
    )
    y = m.node("Conv", m.activation((1, 3, 9)), m.weight((4, 3, 3), 0), bias)
    graph = lowered(m.case(m.quantised(y)))
    assert graph.parameters == 4 * 3 * 3 + 4
    assert graph.macs() == 4 * 7 * 9


def test_the_same_model_gives_the_same_graph() -> None:
    m = fresh()
    y = m.quantised(m.node("MatMul", m.activation((5, 8)), m.activation((8, 3))))
    case = m.case(m.quantised(m.node("Softmax", y)))
    one, two = (graph_from_model(case.model, "case") for _ in range(2))
    assert list(one.tensors.values()) == list(two.tensors.values())
    assert [(n.name, n.inputs) for n in one.nodes] == [(n.name, n.inputs) for n in two.nodes]
    assert one.source_sha256 == two.source_sha256


def test_constants_that_leave_their_range_name_the_node() -> None:
    m = fresh()
    y = m.node("MatMul", m.pair(m.activation((2, 4)), 1e3, 0), m.activation((4, 2)))
    case = m.case(m.pair(y, 1e-6, 0))
    with pytest.raises(UnsupportedError, match=r"MatMul node .* cannot be computed in integers"):
        graph_from_model(case.model, "case")
    assert not any(isinstance(n, MatMul) for n in lowered(m.case(m.activation((2,)))).nodes)


# Random graphs of operators that are exact in both: tables, clamps and layout, freely shared


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_random_graphs_of_exact_operators(seed: int) -> None:
    m = fresh(seed)
    rng = m.rng
    values = [m.activation((2, 3, 4)) for _ in range(int(rng.integers(1, 3)))]
    for _ in range(int(rng.integers(2, 10))):
        x = values[int(rng.integers(len(values)))]
        match int(rng.integers(0, 8)):
            case 0:
                y = m.node("Relu", x)
            case 1:
                y = m.node("Clip", x, m.floats(-0.4), m.floats(0.9))
            case 2:
                y = m.node("Tanh", x)
            case 3:
                y = m.node("Mul", x, m.node("Sigmoid", x))
            case 4:
                y = m.node("Reshape", m.node("Transpose", x), m.ints([2, 3, 4]))
            case 5:
                other = values[int(rng.integers(len(values)))]
                y = m.node("Concat", x, other, axis=0)
                y = m.node("Slice", m.quantised(y), m.ints([1]), m.ints([3]), m.ints([0]))
            case 6:
                y = m.node("Mul", m.floats(0.7), x)
            case _:
                y = x
        values.append(m.quantised(y))
    shown = [values[-1], *(v for v in values[:-1] if rng.random() < 0.2)]
    case = m.case(*dict.fromkeys(shown))
    assert compare(case).different == 0
