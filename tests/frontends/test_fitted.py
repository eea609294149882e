"""Products that the model leaves in float: their steps hold what they can be, and are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import onnx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from qdq_models import Case, QdqModel, compare, run_onnx

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.reader import read_source
from tinyrig.generator.frontends.registry import SUPPORTED_OPS
from tinyrig.suite.models.part_ranges import parts_alone, typed
from tinyrig.suite.models.quantize import observe_quantized
from tinyrig.suite.models.survey import survey

Ending = Callable[[QdqModel], str]


def gemm(m: QdqModel) -> str:
    bias = m.floats(m.rng.normal(0, 3, 5))
    return m.node("Gemm", m.activation((4, 12)), m.weight((12, 5), 1), bias, alpha=0.5, beta=2.0)


def product(m: QdqModel) -> str:
    return m.node("MatMul", m.activation((2, 4, 12)), m.weight((12, 5)))


def conv(m: QdqModel) -> str:
    bias = m.floats(m.rng.normal(0, 1, 8))
    x = m.activation((1, 4, 6, 5))
    return m.node("Conv", x, m.weight((8, 2, 3, 3), 0), bias, group=2, pads=[1, 1, 1, 1])


ENDINGS: dict[str, Ending] = {
    "Gemm": gemm,
    "transposed": lambda m: m.node("Gemm", m.activation((4, 12)), m.weight((5, 12)), transB=1),
    "MatMul": product,
    "from the left": lambda m: m.node("MatMul", m.weight((5, 12)), m.activation((12, 3))),
    "two tensors": lambda m: m.node("MatMul", m.activation((2, 3, 7)), m.activation((2, 7, 4))),
    "bias": lambda m: m.node("Add", product(m), m.floats(m.rng.normal(0, 1, 5))),
    "Conv": conv,
    "Add": lambda m: m.node("Add", m.activation((2, 9)), m.activation((2, 9))),
    "Sub": lambda m: m.node("Sub", m.activation((2, 9)), m.activation((2, 9))),
    "Mul": lambda m: m.node("Mul", m.activation((2, 9)), m.activation((2, 9))),
    "average": lambda m: m.node("GlobalAveragePool", m.activation((1, 3, 4, 4))),
    "mean": lambda m: m.node("ReduceMean", m.activation((1, 6, 8)), m.ints([1]), keepdims=0),
    "norm": lambda m: m.node(
        "LayerNormalization", m.activation((3, 16)), *(m.floats(m.rng.normal(1, 1, 16)),) * 2
    ),
    "log_softmax": lambda m: m.node("LogSoftmax", m.activation((3, 10)), axis=-1),
    "Concat": lambda m: m.node("Concat", m.activation((2, 3)), m.activation((2, 5)), axis=1),
    "Relu": lambda m: m.node("Relu", conv(m)),
    "Reshape": lambda m: m.node("Reshape", conv(m), m.ints([8, -1])),
    "LeakyRelu": lambda m: m.node("LeakyRelu", conv(m), alpha=0.1),
    "two layers": lambda m: m.node("MatMul", m.node("Relu", gemm(m)), m.weight((5, 3))),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("calibrated", [False, True])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 9999))
@example(seed=0)
@example(seed=137)
@example(seed=112)
def test_a_float_output_is_within_a_step(ending: str, calibrated: bool, seed: int) -> None:
    m = QdqModel(np.random.default_rng(seed))
    case = m.case(ENDINGS[ending](m))
    seen = observe_quantized(case.model, [case.feeds]) if calibrated else {}
    assert compare(case, seen).largest <= {"two layers": 4, "LeakyRelu": 2}.get(ending, 1)
    graph = graph_from_model(case.model, "case", seen)
    (note, *_) = graph.notes
    told = "calibration saw" if calibrated else "nothing the model's codes can give is clipped"
    assert told in note


@pytest.mark.parametrize("ending", ["Gemm", "MatMul", "from the left", "two tensors", "Conv"])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 9999))
def test_no_input_leaves_the_steps_of_a_bounded_output(ending: str, seed: int) -> None:
    """Inputs at the ends of their range, whose sign is that of one weight each: the worst sums."""
    m = QdqModel(np.random.default_rng(seed))
    case = m.case(ENDINGS[ending](m))
    for turn in range(8):
        rng = np.random.default_rng(turn)
        feeds = {
            name: np.where(rng.random(feed.shape) < turn / 7, 1e3, -1e3).astype(np.float32)
            for name, feed in case.feeds.items()
        }
        assert compare(replace(case, feeds=feeds)).largest <= 1


def test_a_bound_is_what_the_worst_input_gives() -> None:
    """x in [-8, 7.9375], weights 1 and -2, bias 3: from -21 to 26.9."""
    m = QdqModel(np.random.default_rng(0))
    name = m.activation((1, 2))
    model = m.case(m.node("MatMul", m.pair(name, 1 / 16, 0), m.weight((2, 1)))).model
    codes = next(t for t in model.graph.initializer if t.name.startswith("w"))
    codes.CopyFrom(onnx.numpy_helper.from_array(np.array([[1], [-2]], np.int8), codes.name))
    (scaled,) = (n for n in model.graph.node if codes.name in n.input)
    step = next(t for t in model.graph.initializer if t.name == scaled.input[1])
    step.CopyFrom(onnx.numpy_helper.from_array(np.float32(1), step.name))
    graph = graph_from_model(model, "case")
    affine = graph.tensors[graph.outputs[0]].affine
    assert affine.scale == pytest.approx((8 + 16 + 7.9375 * 3) / 255)


@pytest.mark.parametrize("function", ["LeakyRelu", "Sigmoid", "HardSwish", "Relu"])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 9999))
def test_a_function_between_a_product_and_its_quantizer_is_a_table(
    function: str, seed: int
) -> None:
    """Its step is fitted to where the quantizer's codes change, not to all the product can be."""
    m = QdqModel(np.random.default_rng(seed))
    y = m.node(function, conv(m))
    case = m.case(m.quantised(y))
    found = compare(case)
    assert found.largest <= (2 if function == "LeakyRelu" else 4)
    graph = graph_from_model(case.model, "case")
    assert len(graph.notes) == (0 if function == "Relu" else 1)


def test_a_product_in_float_between_products_needs_calibration() -> None:
    m = QdqModel(np.random.default_rng(1))
    inner = m.node("MatMul", m.activation((2, 6)), m.weight((6, 6)))
    case = m.case(m.quantised(m.node("MatMul", inner, m.weight((6, 4)))))
    with pytest.raises(UnsupportedError, match="--calibration"):
        graph_from_model(case.model, "case")
    seen = observe_quantized(case.model, [case.feeds])
    assert compare(case, seen).largest <= 2


def test_the_softmax_behind_the_last_product_has_its_scale() -> None:
    m = QdqModel(np.random.default_rng(2))
    case: Case = m.case(m.node("Softmax", gemm(m)))
    graph = graph_from_model(case.model, "case")
    assert graph.tensors[graph.outputs[0]].affine.scale == pytest.approx(1 / 255)
    assert len(graph.notes) == 1
    assert run_onnx(case)[0].shape == graph.tensors[graph.outputs[0]].shape


@pytest.mark.parametrize(("axis", "opset"), [(-1, 21), (1, 21), (1, 11), (None, 11), (None, 21)])
def test_a_log_softmax_reaches_as_far_as_its_scores_and_its_row(
    axis: int | None, opset: int
) -> None:
    """Nothing is cut, where all are equal too; the step is no wider than for twice the row."""
    m = QdqModel(np.random.default_rng(3), opset)
    x = m.pair(m.activation((2, 5, 4)), 1 / 512, 0)
    case = m.case(m.node("LogSoftmax", x, **({} if axis is None else {"axis": axis})))
    flat = {name: np.zeros_like(feed) for name, feed in case.feeds.items()}
    assert compare(replace(case, feeds=flat)).largest <= 1
    graph = graph_from_model(case.model, "case")
    affine = graph.tensors[graph.outputs[0]].affine
    longest = 20 if (opset, axis) != (21, -1) else 4
    assert affine.zero_point == 127
    assert affine.scale * 255 == pytest.approx(255 / 512 + np.log(longest), rel=0.01)


def written_norm(m: QdqModel) -> str:
    """GroupNormalization as PyTorch writes it before opset 21: in float, from its input on."""
    ones, zeros = m.floats(np.ones(2)), m.floats(np.zeros(2))
    flat = m.node("Reshape", m.activation((1, 4, 6, 5)), m.ints([0, 2, -1]))
    whole = m.node("InstanceNormalization", flat, ones, zeros)
    return m.node("Reshape", whole, m.ints([1, 4, 6, 5]))


def group_norm(m: QdqModel) -> str:
    gain, shift = m.floats(m.rng.normal(1, 0.3, 4)), m.floats(m.rng.normal(0, 1, 4))
    return m.node("GroupNormalization", m.activation((1, 4, 6, 5)), gain, shift, num_groups=2)


@pytest.mark.parametrize("norm", [written_norm, group_norm])
def test_a_norm_in_float_has_the_ranges_of_its_parts(norm: Ending) -> None:
    m = QdqModel(np.random.default_rng(3))
    scaled = m.node("Mul", norm(m), m.floats(m.rng.normal(1, 0.3, (4, 1, 1))))
    moved = m.node("Add", scaled, m.floats(m.rng.normal(0, 1, (4, 1, 1))))
    case = m.case(m.quantised(m.node("Conv", moved, m.weight((8, 4, 3, 3), 0))))
    with pytest.raises(UnsupportedError, match="--calibration"):
        graph_from_model(case.model, "case")
    seen = observe_quantized(case.model, [case.feeds])
    assert compare(case, seen).largest <= 6
    found = survey(case.model, "case", [case.feeds])
    assert found.runs and any(":normed_rows" in note for note in found.notes)


def test_a_part_that_reads_codes_has_no_range() -> None:
    m = QdqModel(np.random.default_rng(4))
    model = onnx.shape_inference.infer_shapes(m.case(group_norm(m)).model)
    source = read_source(model, "case", SUPPORTED_OPS)
    assert parts_alone(typed(model, source), source, [m.feeds]) is not None
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.INT8
    assert parts_alone(model, source, [m.feeds]) is None


def test_check_takes_what_is_fitted_and_no_data_without_use() -> None:
    m = QdqModel(np.random.default_rng(5))
    case = m.case(gemm(m))
    assert survey(case.model, "case").notes == graph_from_model(case.model, "case").notes
    whole = m.case(m.quantised(gemm(m)))
    with pytest.raises(InputError, match="all of it"):
        survey(whole.model, "case", [whole.feeds])
