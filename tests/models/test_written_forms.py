"""Float models with results that are no reals, and operators of older opsets, quantized."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from float_models import FEEDS, ROW, SHAPE, calibrated, model_of, steps_off
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.case import case_of
from tinyrig.suite.models.sessions import float_session
from tinyrig.suite.rig.oracle import case_outputs

N = helper.make_node
SAMPLES = [{"x": x} for x in FEEDS]
AXES: dict[str, Any] = {"axes": np.int64([-1]), "one": np.int64([1])}
REDUCTIONS = ("ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceMax", "ReduceMin")


@pytest.mark.parametrize("opset", [11, 13, 17, 18, 23])
@pytest.mark.parametrize("op", REDUCTIONS)
@pytest.mark.parametrize("whole", [False, True])
def test_a_reduction_of_every_opset_is_quantized(op: str, opset: int, whole: bool) -> None:
    """Its axes are an attribute or an input; before opset 18 some have no body."""
    takes_axes = opset >= (13 if op == "ReduceSum" else 18)
    inputs = ["x", "axes"] if takes_axes and not whole else ["x"]
    attributes = {} if takes_axes or whole else {"axes": [-1]}
    nodes = [N(op, inputs, ["y"], **attributes)]
    model = model_of(nodes, AXES, opset=opset, out=[1, 1, 1] if whole else [1, 6, 1])
    assert steps_off(model)[0] < 3.0


def test_a_reduction_beside_an_rms_norm_takes_axes_as_that_opset_does() -> None:
    """RMSNormalization is written in opset 23."""
    root = [N("Mul", ["x", "x"], ["p"]), N("ReduceMean", ["p"], ["v"], axes=[-1])]
    root += [N("Add", ["v", "eps"], ["w"]), N("Sqrt", ["w"], ["r"]), N("Div", ["x", "r"], ["n"])]
    nodes = [*root, N("ReduceMax", ["n"], ["y"], axes=[1])]
    model = model_of(nodes, {"eps": np.float32(1e-5)}, out=[1, 1, 16])
    worst, ops = steps_off(model)
    assert ops[0] == "rmsnorm"
    assert worst < 3.0


@pytest.mark.parametrize(("op", "count"), [("Sum", 1), ("Sum", 3), ("Mean", 1), ("Mean", 3)])
def test_a_sum_of_any_number_of_tensors_is_quantized(op: str, count: int) -> None:
    nodes = [N("Relu", ["x"], ["r"]), N(op, ["x", "r", "row"][:count], ["y"])]
    assert steps_off(model_of(nodes, {"row": ROW}))[0] < 3.0


@pytest.mark.parametrize("op", ["ArgMax", "ArgMin", "TopK"])
def test_indices_beside_reals_are_quantized(op: str) -> None:
    """The quantizer's types of tensors are the model's: an index is no real."""
    if op == "TopK":
        nodes = [N(op, ["x", "one"], ["y", "i"], axis=2)]
    else:
        nodes = [N(op, ["x"], ["i"], axis=2), N("Relu", ["x"], ["y"])]
    shape = [1, 6, 1]
    model = model_of(nodes, AXES, out=shape if op == "TopK" else SHAPE)
    model.graph.output.append(helper.make_tensor_value_info("i", TensorProto.INT64, None))
    graph, _ = calibrated(model)
    assert {"argmax", "argmin"} & {node.op for node in graph.nodes}
    case = case_of(model, "indices", SAMPLES)
    _, indices = case_outputs(case, SAMPLES[:1])[0]
    assert indices.dtype == np.int64


@pytest.mark.parametrize("read", [False, True])
def test_a_constant_output_is_quantized(read: bool) -> None:
    held = N("Constant", [], ["c"], value=numpy_helper.from_array(ROW))
    nodes = [held, N("Add", ["x", "c"], ["y"]) if read else N("Relu", ["x"], ["y"])]
    model = model_of(nodes, {})
    model.graph.output.append(helper.make_tensor_value_info("c", TensorProto.FLOAT, [16]))
    graph, quantized = calibrated(model)
    assert len(graph.outputs) == 2
    _, found = float_session(quantized).run(None, {"x": FEEDS[0]})
    assert np.abs(found - ROW).max() <= np.abs(ROW).max() / 127


@pytest.mark.parametrize("axis", [1, 2, -1])
def test_a_layer_norm_over_several_axes_is_quantized(axis: int) -> None:
    shape = SHAPE[axis:]
    rng = np.random.default_rng(2)
    rows = {name: rng.normal(1, 1, shape).astype(np.float32) for name in "gb"}
    nodes = [N("LayerNormalization", ["x", "g", "b"], ["y"], axis=axis)]
    worst, ops = steps_off(model_of(nodes, rows))
    assert ops.count("layernorm") == 1
    assert worst < 3.0


@pytest.mark.parametrize("kind", [TensorProto.INT4, TensorProto.UINT4])
def test_an_older_model_with_weights_of_4_bits_has_an_oracle(kind: int) -> None:
    """ONNX Runtime's quantizer writes its own DequantizeLinear there: ONNX's takes 4 bits since 21.

    Read here as ONNX's, it must run there as its own.
    """
    stored = helper.tensor_dtype_to_np_dtype(kind)
    codes = (np.arange(16 * 3) % 8).reshape(16, 3).astype(stored)
    step, zero, few = np.float32(0.05), np.int8(0), np.zeros((), stored)
    nodes = [N("QuantizeLinear", ["x", "step", "zero"], ["q"])]
    nodes.append(N("DequantizeLinear", ["q", "step", "zero"], ["d"]))
    nodes.append(N("DequantizeLinear", ["w", "step", "few"], ["v"], domain="com.microsoft"))
    nodes += [N("MatMul", ["d", "v"], ["m"]), N("QuantizeLinear", ["m", "step", "zero"], ["mq"])]
    nodes.append(N("DequantizeLinear", ["mq", "step", "zero"], ["y"]))
    constants = {"step": step, "zero": zero, "few": few, "w": codes}
    model = model_of(nodes, constants, opset=17, out=[1, 6, 3])
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    ((found,),) = case_outputs(case_of(model, "narrow"), SAMPLES[:1])
    wanted = FEEDS[0] @ (codes.astype(np.float32) * step)
    assert np.abs(np.clip(wanted, -6.4, 6.35) - found).max() < 16 * 0.05 * 0.4


def test_a_model_that_onnx_runtime_refuses_is_bad_input() -> None:
    graph = helper.make_graph(
        [N("Absent", ["x"], ["y"], domain="com.example")],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, SHAPE)],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    with pytest.raises(InputError, match="ONNX Runtime cannot run the model"):
        float_session(model)


def test_onnx_runtime_tells_nobody_and_leaves_no_file(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    code = "import tinyrig.suite.models.sessions"
    environment = kept | {"TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert not (tmp_path / ".ses").exists()
