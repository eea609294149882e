"""Float models whose inputs, outputs and names are in the quantizer's way."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
import pytest
from float_models import FEEDS, ROW, SHAPE, SQUARE, model_of
from onnx import NodeProto, TensorProto, helper

from tinyrig.suite.models.case import case_of
from tinyrig.suite.models.own_names import own_names, rename
from tinyrig.suite.models.quantize import quantize_static
from tinyrig.suite.models.sessions import float_session
from tinyrig.suite.reference.boundary import dequantize_output, quantize_input
from tinyrig.suite.reference.executor import run_reference

N = helper.make_node
SAMPLES = [{"x": x} for x in FEEDS]
CONSTANTS = {"W": SQUARE, "low": np.float32(0), "high": np.float32(1), "row": ROW}


def shown(nodes: list[NodeProto], *outputs: str) -> onnx.ModelProto:
    """Return a model that shows more outputs beside y."""
    model = model_of(nodes, CONSTANTS)
    more = [helper.make_tensor_value_info(name, TensorProto.FLOAT, SHAPE) for name in outputs]
    model.graph.output.extend(more)
    return model


def steps_off_by_output(model: onnx.ModelProto) -> dict[str, float]:
    """Return how far each output of a calibrated model is from the float one's, in its steps."""
    case = case_of(model, "case", SAMPLES)
    graph = case.graph
    worst = dict.fromkeys(case.output_names, 0.0)
    for sample in SAMPLES:
        codes = {
            name: quantize_input(sample[own], graph.tensors[name].affine)
            for name, own in zip(graph.inputs, case.input_names, strict=True)
        }
        got = run_reference(graph, codes)
        wanted = float_session(model).run(None, sample)
        for name, own, right in zip(graph.outputs, case.output_names, wanted, strict=True):
            affine = graph.tensors[name].affine
            off = np.abs(dequantize_output(got[name], affine) - right).max() / affine.scale
            worst[own] = max(worst[own], float(off))
    return worst


@pytest.mark.parametrize("limit", [N("Relu", ["h"], ["y"]), N("Clip", ["h", "low", "high"], ["y"])])
def test_an_output_keeps_what_a_limit_behind_it_cuts_off(limit: NodeProto) -> None:
    """ONNX Runtime's quantizer gives what a Relu or Clip alone reads the range behind it."""
    found = steps_off_by_output(shown([N("MatMul", ["x", "W"], ["h"]), limit], "h"))
    assert found["h"] < 4
    assert found["y"] < 20  # a step of h is several of y


@pytest.mark.parametrize("step", ["a", "b", "c"])
def test_a_step_of_a_function_may_be_an_output(step: str) -> None:
    """x + sqrt(x * x + 1): a table, but for what is a function of the step's own codes."""
    nodes = [N("Mul", ["x", "x"], ["a"]), N("Add", ["a", "high"], ["b"]), N("Sqrt", ["b"], ["c"])]
    found = steps_off_by_output(shown([*nodes, N("Add", ["x", "c"], ["y"])], step))
    assert found[step] < 4
    assert found["y"] < 4


def test_a_parameter_may_be_an_output() -> None:
    """The factors of a Resize are not rounded to codes because they are shown."""
    nodes = [N("Resize", ["x", "", "factors"], ["y"], mode="nearest", nearest_mode="floor")]
    nodes[0].attribute.append(helper.make_attribute("coordinate_transformation_mode", "asymmetric"))
    constants = {"factors": np.float32([1, 1, 3])}
    model = model_of(nodes, constants, out=[1, 6, 48])
    model.graph.output.append(helper.make_tensor_value_info("factors", TensorProto.FLOAT, [3]))
    found = steps_off_by_output(model)
    assert found["factors"] < 0.51
    assert found["y"] < 0.51


@pytest.mark.parametrize("reader", ["Relu", "Tanh", ""])
def test_an_input_may_be_an_output(reader: str) -> None:
    """Read by a limit, by another operator and by nothing."""
    nodes = [N(reader, ["x"], ["y"])] if reader else [N("Relu", ["z"], ["y"])]
    model = shown(nodes, "x")
    if not reader:
        more = helper.make_tensor_value_info("z", TensorProto.FLOAT, SHAPE)
        model.graph.input.append(more)
        feeds = [{"x": x, "z": x[:, ::-1].copy()} for x in FEEDS]
        graph = case_of(model, "case", feeds).graph
        assert len(graph.outputs) == 2
        quantized = quantize_static(model, feeds)
        _, found = float_session(quantized).run(None, feeds[0])
        assert np.array_equal(found, FEEDS[0])
        return
    found = steps_off_by_output(model)
    assert found["x"] <= 0.51
    assert found["y"] < 3


@pytest.mark.parametrize(
    "names",
    [
        {"h": "x_scale"},
        {"h": "x_zero_point", "W": "h"},
        {"h": "x_QuantizeLinear_Output", "W": "x_DequantizeLinear_Output"},
        {"W": "a", "h": "a_scale", "y": "a_quantized"},
        {"row": "h_zero_point"},
        {"y": "x_scale_scale", "h": "x_scale"},
    ],
)
def test_tensors_may_be_called_as_the_quantizer_s(names: Mapping[str, str]) -> None:
    nodes = [N("MatMul", ["x", "W"], ["h"]), N("Add", ["h", "row"], ["y"])]
    model = model_of(nodes, CONSTANTS)
    rename(model, names)
    model.graph.node[0].name = "x_QuantizeLinear"
    (worst,) = steps_off_by_output(model).values()
    assert worst < 4


def test_only_names_in_the_way_are_changed() -> None:
    model = model_of([N("MatMul", ["x", "W"], ["h"]), N("Relu", ["h"], ["y"])], CONSTANTS)
    assert not own_names(model)
    rename(model, {"h": "x_scale", "W": "x:own"})
    assert own_names(model) == {"x": "x:own:own"}
