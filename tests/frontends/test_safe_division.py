"""Quotients that are 0 where the divisor is: TensorFlow's divide_no_nan as ONNX has it."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from frontends.qdq_models import QdqModel, compare
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.suite.models.case import case_of
from tinyrig.suite.reference.boundary import dequantize_output, quantize_input
from tinyrig.suite.reference.executor import run_reference

N = onnx.helper.make_node
SHAPE = (2, 3, 8)


def model(swapped: bool = False, **changed: Any) -> onnx.ModelProto:
    """Return y = 0 where b is 0, else a / b; changed in one part it is no such quotient."""
    compared = ["zero", "b"] if swapped else ["b", "zero"]
    nodes = [
        N("Equal", changed.get("compared", compared), ["c"], "equal"),
        N("Div", ["a", "b"], ["q"], "quotient"),
        N("Where", changed.get("chosen", ["c", "zero", "q"]), ["y"], "where"),
    ]
    constants = {"zero": 0.0, "one": 1.0}
    return onnx.helper.make_model(
        onnx.helper.make_graph(
            nodes,
            "g",
            [
                onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
                for name, shape in (("a", SHAPE), ("b", changed.get("divisor", (2, 1, 8))))
            ],
            [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, SHAPE)],
            [onnx.numpy_helper.from_array(np.float32(v), k) for k, v in constants.items()],
        ),
        opset_imports=[onnx.helper.make_opsetid("", 17)],
        ir_version=8,
    )


def samples(count: int = 6) -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(3)
    shapes = {"a": SHAPE, "b": (2, 1, 8)}
    made = []
    for _ in range(count):
        a, b = (rng.uniform(0.5, 2, s).astype(np.float32) for s in shapes.values())
        made.append({"a": a, "b": b * (rng.random(b.shape) < 0.6)})
    return made


@pytest.mark.parametrize("swapped", [False, True])
def test_a_float_one_is_calibrated_and_is_0_there(swapped: bool) -> None:
    feeds = samples()
    graph = case_of(model(swapped), "safe", feeds).graph
    assert [node.op for node in graph.nodes] == ["divide"]
    (y,) = graph.outputs
    affine = graph.tensors[y].affine
    for feed in feeds:
        codes = {n: quantize_input(feed[n], graph.tensors[n].affine) for n in graph.inputs}
        found = dequantize_output(run_reference(graph, codes)[y], affine)
        gone = np.broadcast_to(feed["b"] == 0, SHAPE)
        assert gone.any()
        assert not found[gone].any()
        real = np.broadcast_to(feed["a"] / np.where(feed["b"] == 0, 1, feed["b"]), SHAPE)
        assert np.abs(found - real)[~gone].max() < 5 * affine.scale


@given(st.integers(0, 9999))
def test_a_quantized_one_is_what_onnx_runtime_computes(seed: int) -> None:
    m = QdqModel(np.random.default_rng(seed))
    a, b = m.activation((2, 6)), m.activation((2, 6), 0.0, 3.0)
    zero = m.floats(0.0)
    quotient = m.node("Where", m.node("Equal", b, zero), zero, m.node("Div", a, b))
    found = compare(m.case(m.quantised(quotient)))
    assert found.largest <= 1


@pytest.mark.parametrize(
    "changed",
    [
        {"compared": ["b", "one"]},
        {"compared": ["a", "zero"], "divisor": SHAPE},
        {"chosen": ["c", "one", "q"]},
        {"chosen": ["c", "q", "zero"]},
    ],
)
def test_another_comparison_is_a_choice_behind_the_quotient(changed: dict[str, Any]) -> None:
    b = np.ones(changed.get("divisor", (2, 1, 8)), np.float32)
    feeds = [{"a": np.ones(SHAPE, np.float32), "b": b}]
    ops = [node.op for node in case_of(model(**changed), "other", feeds).graph.nodes]
    assert ops.count("divide") == 1
    assert {"min", "max"} <= set(ops)
