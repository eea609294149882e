"""Float graphs in the forms exporters write, quantized: each is the function it was."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import onnx
import pytest
from float_models import FEEDS, ROW, SHAPE, SQUARE, calibrated, model_of, steps_off
from onnx import NodeProto, helper, numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.extents import Extents, with_extents
from tinyrig.suite.models.quantize import quantize_static

N = helper.make_node
CONSTANTS: dict[str, Any] = {
    **{name: np.float32(value) for name, value in (("one", 1), ("two", 2), ("three", 3))},
    **{name: np.float32(value) for name, value in (("half", 0.5), ("minus", -0.5), ("six", 6))},
    **{name: np.float32(value) for name, value in (("zero", 0), ("root", 2**0.5), ("k", 0.044715))},
    "s": np.float32((2 / np.pi) ** 0.5),
    "eps": np.float32(1e-5),
    "n": np.float32(16),
    "less": np.float32(15),
    "twos": np.full(16, 2, np.float32),
    "axes": np.int64([-1]),
    "row": ROW,
    "bias": ROW[::-1].copy(),
    "W": SQUARE,
}


def norm(
    centred: bool,
    *,
    power: str = "two",
    division: str = "div",
    gain: bool = True,
    twice: bool = False,
    unbiased: bool = False,
    opset: int = 17,
) -> onnx.ModelProto:
    """Return a norm in parts, in one of the forms exporters write."""

    def mean(of: str, to: str) -> NodeProto:
        if opset < 18:
            return N("ReduceMean", [of], [to], axes=[-1])
        return N("ReduceMean", [of, "axes"], [to])

    nodes, x, other = [], "x", "x"
    if centred:
        nodes += [mean("x", "m"), N("Sub", ["x", "m"], ["d"])]
        x = other = "d"
    if twice:
        nodes.append(N("Sub", ["x", "m"], ["e"]))
        other = "e"
    nodes.append(N("Mul", [x, x], ["p"]) if power == "mul" else N("Pow", [x, power], ["p"]))
    nodes.append(mean("p", "v0"))
    if unbiased:
        nodes += [N("Mul", ["v0", "n"], ["v1"]), N("Div", ["v1", "less"], ["v2"])]
    nodes.append(N("Add", ["eps", "v2" if unbiased else "v0"], ["v"]))
    inverse = {
        "reciprocal": N("Reciprocal", ["r"], ["i"]),
        "one": N("Div", ["one", "r"], ["i"]),
        "minus": N("Pow", ["v", "minus"], ["i"]),
    }.get(division)
    if division != "minus":
        root = ["v", "half"] if division == "pow" else ["v"]
        nodes.append(N("Pow" if division == "pow" else "Sqrt", root, ["r"]))
    nodes += [inverse] if inverse is not None else []
    nodes.append(N("Mul", ["i", other], ["q"]) if inverse else N("Div", [other, "r"], ["q"]))
    if gain:
        nodes.append(N("Mul", ["row", "q"], ["g"]))
    last = "g" if gain else "q"
    shift = N("Add", [last, "bias"], ["y"]) if centred and gain else N("Identity", [last], ["y"])
    return model_of([*nodes, shift], CONSTANTS, opset=opset)


FORMS: list[dict[str, Any]] = [
    {},
    {"power": "mul"},
    {"power": "twos"},
    {"division": "reciprocal"},
    {"division": "one"},
    {"division": "pow"},
    {"division": "minus"},
    {"gain": False},
    {"unbiased": True},
    {"opset": 11},
    {"opset": 18},
]


@pytest.mark.parametrize("form", [*FORMS, {"twice": True}])
def test_a_layer_norm_in_parts_is_one_operator(form: dict[str, Any]) -> None:
    worst, ops = steps_off(norm(True, **form))
    assert ops == ["layernorm"]
    assert worst < 2.0


@pytest.mark.parametrize("form", FORMS)
def test_an_rms_norm_in_parts_is_one_operator(form: dict[str, Any]) -> None:
    worst, ops = steps_off(norm(False, **form))
    assert ops == ["rmsnorm"]
    assert worst < 2.0


POINTWISE: dict[str, list[NodeProto]] = {
    "square": [N("Pow", ["x", "two"], ["y"])],
    "cube": [N("Pow", ["x", "three"], ["y"])],
    "gelu": [
        *[N("Div", ["x", "root"], ["a"]), N("Erf", ["a"], ["e"]), N("Add", ["e", "one"], ["p"])],
        *[N("Mul", ["x", "p"], ["q"]), N("Mul", ["q", "half"], ["y"])],
    ],
    "gelu of tanh": [
        *[
            N("Pow", ["x", "three"], ["c"]),
            N("Mul", ["c", "k"], ["d"]),
            N("Add", ["x", "d"], ["i"]),
        ],
        *[N("Mul", ["i", "s"], ["j"]), N("Tanh", ["j"], ["t"]), N("Add", ["t", "one"], ["u"])],
        *[N("Mul", ["x", "half"], ["h"]), N("Mul", ["h", "u"], ["y"])],
    ],
    "hard swish": [
        *[N("Add", ["x", "three"], ["a"]), N("Clip", ["a", "zero", "six"], ["c"])],
        *[N("Mul", ["x", "c"], ["m"]), N("Div", ["m", "six"], ["y"])],
    ],
    "slope": [N("PRelu", ["x", "half"], ["y"])],
    "relu first": [N("Relu", ["x"], ["y"])],
    "relu twice": [N("Relu", ["x"], ["a"]), N("Relu", ["a"], ["y"])],
    "relu squared": [N("Relu", ["x"], ["a"]), N("Pow", ["a", "two"], ["y"])],
    "clip first": [N("Clip", ["x", "zero", "six"], ["y"])],
}


@pytest.mark.parametrize("opset", [11, 12, 17, 23])
@pytest.mark.parametrize("kind", POINTWISE)
def test_a_function_of_one_tensor_is_at_most_one_table(kind: str, opset: int) -> None:
    worst, ops = steps_off(model_of(POINTWISE[kind], CONSTANTS, opset=opset))
    assert ops in (["unary"], ["reshape"])
    assert worst < 2.5


def test_no_constant_of_a_pointwise_operator_is_quantized() -> None:
    for nodes in POINTWISE.values():
        _, quantized = calibrated(model_of(nodes, CONSTANTS))
        stored = {t.name: numpy_helper.to_array(t) for t in quantized.graph.initializer}
        coded = [n.input[0] for n in quantized.graph.node if n.op_type == "DequantizeLinear"]
        assert not set(coded).intersection(stored)


@pytest.mark.parametrize("opset", [11, 12, 13, 23])
def test_products_of_every_opset_are_quantized(opset: int) -> None:
    nodes = [N("MatMul", ["x", "W"], ["m"]), N("Add", ["m", "bias"], ["y"])]
    worst, ops = steps_off(model_of(nodes, CONSTANTS, opset=opset))
    assert ops == ["linear"]
    assert worst < 4.0


@pytest.mark.parametrize("axis", [1, 2])
def test_the_old_softmax_joins_its_axes(axis: int) -> None:
    worst, _ = steps_off(model_of([N("Softmax", ["x"], ["y"], axis=axis)], {}, opset=11))
    assert worst < 2.0


@pytest.mark.parametrize(("axis", "opset"), [(-1, 17), (1, 17), (1, 11)])
def test_a_log_softmax_is_quantized(axis: int, opset: int) -> None:
    nodes = [N("LogSoftmax", ["x"], ["y"], axis=axis)]
    worst, ops = steps_off(model_of(nodes, {}, opset=opset))
    assert "logsoftmax" in ops
    assert worst < 2.0


@pytest.mark.parametrize("beta", [1.0, 0.5])
@pytest.mark.parametrize("shape", [(), (1,), (16,), (1, 16), (6, 1), (1, 1), (6, 16)])
def test_a_gemm_takes_a_bias_of_every_shape(shape: tuple[int, ...], beta: float) -> None:
    bias = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    nodes = [N("Gemm", ["x", "W", "c"], ["y"], beta=beta)]
    model = model_of(nodes, {"W": SQUARE, "c": bias}, shape=SHAPE[1:])
    assert steps_off(model, FEEDS[:, 0])[0] < 4.0


@pytest.mark.parametrize(
    ("weight", "bias"),
    [
        *(((2, 16, 3), bias) for bias in [(3,), (1, 3), (2, 1, 3), (6, 1)]),
        *(((16,), bias) for bias in [(6,), ()]),
        ((1, 16, 3), (3,)),
    ],
)
def test_a_bias_behind_any_constant_is_added(
    weight: tuple[int, ...], bias: tuple[int, ...]
) -> None:
    """The product with one for each of a batch has no place for a bias."""
    constants = {
        "W": np.resize(SQUARE, weight),
        "b": 20 * np.arange(1, math.prod(bias) + 1, dtype=np.float32).reshape(bias),
    }
    nodes = [N("MatMul", ["x", "W"], ["h"]), N("Add", ["h", "b"], ["y"])]
    out = np.broadcast_shapes(np.matmul(FEEDS[0], constants["W"]).shape, bias)
    worst, _ = steps_off(model_of(nodes, constants, out=out))
    assert worst < 3


def test_a_bias_behind_a_product_of_two_vectors_is_added() -> None:
    constants = {"W": ROW, "b": np.float32([3])}
    nodes = [N("MatMul", ["x", "W"], ["h"]), N("Add", ["h", "b"], ["y"])]
    model = model_of(nodes, constants, shape=(16,), out=(1,))
    worst, _ = steps_off(model, FEEDS[:, 0, 0])
    assert worst < 3


def test_equal_constants_with_inferred_shapes_are_quantized() -> None:
    one = numpy_helper.from_array(np.float32(1))
    nodes = [N("Constant", [], ["a"], value=one), N("Add", ["x", "a"], ["b"])]
    nodes += [N("Constant", [], ["c"], value=one), N("Mul", ["b", "c"], ["y"])]
    assert steps_off(onnx.shape_inference.infer_shapes(model_of(nodes, {})))[0] < 2.0


@pytest.mark.parametrize("low", [np.finfo(np.float32).min, -1e9, -np.inf])
def test_a_mask_stays_float_and_out_of_every_range(low: float) -> None:
    visible = np.tril(np.ones((16, 16), bool))
    mask = np.where(visible, 0, low).astype(np.float32)
    nodes = [N("Transpose", ["x"], ["t"], perm=[0, 2, 1]), N("MatMul", ["t", "x"], ["s"])]
    nodes += [N("Add", ["s", "mask"], ["h"]), N("Softmax", ["h"], ["y"], axis=-1)]
    model = model_of(nodes, {"mask": mask}, out=[1, 16, 16])
    quantized = quantize_static(model, [{"x": x} for x in FEEDS])
    (add,) = [node for node in quantized.graph.node if node.op_type == "Add"]
    stored = {t.name: numpy_helper.to_array(t) for t in quantized.graph.initializer}
    assert np.array_equal(stored[add.input[1]], mask)
    (softmax,) = [node for node in quantized.graph.node if node.op_type == "Softmax"]
    assert softmax.input[0] == add.output[0]
    scales = [stored[n.input[1]] for n in quantized.graph.node if n.op_type == "QuantizeLinear"]
    assert max(map(np.max, scales)) < 1.0


def test_a_named_batch_axis_is_one() -> None:
    nodes = [N("MatMul", ["x", "W"], ["y"])]
    model = model_of(nodes, CONSTANTS, shape=["N", 6, 16])
    fixed, notes = with_extents(model)
    assert len(notes) == 1
    assert "'N'" in notes[0]
    assert [d.dim_value for d in fixed.graph.input[0].type.tensor_type.shape.dim] == [1, 6, 16]
    assert steps_off(model)[0] < 4.0


def test_other_open_axes_are_what_the_user_says() -> None:
    model = model_of([N("MatMul", ["x", "W"], ["y"])], CONSTANTS, shape=["batch", "time", 16])
    with pytest.raises(InputError, match=r"'time'.*--dim time=EXTENT"):
        with_extents(model)
    for given in (Extents({"time": 6}, {}), Extents({}, {"x": (1, 6, 16)})):
        fixed, _ = with_extents(model, given)
        assert [d.dim_value for d in fixed.graph.input[0].type.tensor_type.shape.dim] == [1, 6, 16]
    for wrong in (Extents({"width": 6}, {}), Extents({}, {"x": (1, 6)}), Extents({}, {"z": (1,)})):
        with pytest.raises(InputError, match=r"no open axis|does not fit|no input"):
            with_extents(model, wrong)


def test_samples_may_leave_the_batch_axis_out() -> None:
    """64 images of (3, 32, 32) for an input of (1, 3, 32, 32): the natural way to stack them."""
    model = model_of([N("MatMul", ["x", "W"], ["y"])], CONSTANTS)
    assert SHAPE[0] == 1
    whole = quantize_static(model, [{"x": x} for x in FEEDS])
    bare = [{"x": x[0]} for x in FEEDS]
    assert quantize_static(model, bare).SerializeToString() == whole.SerializeToString()
    with pytest.raises(InputError, match="Calibration inputs are"):
        quantize_static(model, [{"x": FEEDS[0][0][0]}])


def test_a_bias_that_several_products_read_is_no_other_tensor() -> None:
    """ONNX Runtime calls its copies of b as the tensors here are called."""
    constants = {"W": SQUARE, "b": ROW, "V": SQUARE.T.copy(), "shape": np.int64([6, 16])}
    constants |= {"back": np.int64(SHAPE)}
    names = ["rows", *(f"b{n}" for n in range(1, 9))]
    nodes = [N("Reshape", ["x", "shape"], ["rows"])]
    for n, (read, made) in enumerate(pairwise(names)):
        nodes.append(N("Gemm", [read, "VW"[n % 2], "b"], [made]))
    model = model_of([*nodes, N("Reshape", [names[-1], "back"], ["y"])], constants)
    off, ops = steps_off(model)
    assert ops.count("linear") == 8
    assert off < 12
