"""Clip behind operators of float models: what the quantizer behind it shows."""

from __future__ import annotations

import math

import numpy as np
import onnx
import pytest
from float_models import FEEDS, SQUARE, calibrated, model_of, steps_off
from onnx import NodeProto, helper

from tinyrig.generator.graph.tensor import Affine
from tinyrig.suite.models.limits import cut, keeps
from tinyrig.suite.reference.boundary import dequantize_output, quantize_input
from tinyrig.suite.reference.executor import run_reference

N = helper.make_node
FRONTS = [
    N("MatMul", ["x", "W"], ["h"]),
    N("Conv", ["x", "taps"], ["h"], pads=[1, 1]),
    N("Reshape", ["x", "shape"], ["h"]),
]
LIMITS = [(0.5, 2.0), (-3.0, -0.7), (0.5, math.inf), (-math.inf, -0.3)]
CLOSE = [(-math.inf, 0.3193), (-0.2, math.inf), (-0.21, 5.1), (-5.1, 0.21)]


def clipped(front: NodeProto, ends: tuple[float, float], *behind: NodeProto) -> onnx.ModelProto:
    names = ["low" if math.isfinite(ends[0]) else "", "high" if math.isfinite(ends[1]) else ""]
    constants = {
        "W": 3 * SQUARE,
        "taps": np.float32([[[0.5, -2.0, 1.0]] * 6] * 6) / 4,
        "shape": np.int64([1, 6, 16]),
        "low": np.float32(ends[0]),
        "high": np.float32(ends[1]),
    }
    out = "c" if behind else "y"
    return model_of([front, N("Clip", ["h", *names], [out]), *behind], constants)


@pytest.mark.parametrize("front", FRONTS, ids=lambda node: node.op_type)
@pytest.mark.parametrize("ends", LIMITS + CLOSE)
def test_no_answer_lies_beyond_a_clip(front: NodeProto, ends: tuple[float, float]) -> None:
    """Ranges hold 0 and are widened: their ends would show what the Clip cuts off."""
    graph, _ = calibrated(clipped(front, ends), 2 * FEEDS)
    source, result = (graph.tensors[name].affine for name in (*graph.inputs, *graph.outputs))
    for x in 2 * FEEDS:
        got = run_reference(graph, {graph.inputs[0]: quantize_input(x, source)})
        shown = dequantize_output(got[graph.outputs[0]], result)
        assert ends[0] - 0.51 * result.scale <= shown.min()
        assert shown.max() <= ends[1] + 0.51 * result.scale


@pytest.mark.parametrize("ends", [(0.5, 2.0), (-3.0, -0.7)])
def test_a_reader_sees_no_more_than_a_clip_leaves(ends: tuple[float, float]) -> None:
    model = clipped(FRONTS[0], ends, N("Sigmoid", ["c"], ["y"]))
    assert steps_off(model, 2 * FEEDS)[0] < 16  # 35 and more where it does


@pytest.mark.parametrize("ends", [(0.0, 6.0), (-1.0, 1.0), *CLOSE])
def test_a_clip_that_holds_0_costs_nothing(ends: tuple[float, float]) -> None:
    graph, quantized = calibrated(clipped(FRONTS[0], ends), 2 * FEEDS)
    assert [node.op for node in graph.nodes] == ["linear"]
    assert "Clip" not in {node.op_type for node in quantized.graph.node}


def test_ranges_end_at_limits_and_hold_0() -> None:
    limits = {"a": (-1.0, 0.3), "b": (0.5, 2.0), "c": (-math.inf, math.inf), "d": (0.0, 0.0)}
    found = cut(dict.fromkeys([*limits, "e"], (-1.5, 2.5)), limits)
    assert found == {
        "a": (-1.0, 0.3),
        "b": (0.0, 2.0),
        "c": (-1.5, 2.5),
        "d": (-1.5, 2.5),  # no range at all
        "e": (-1.5, 2.5),
    }


def test_an_affine_keeps_limits_that_its_codes_end_at() -> None:
    affine = Affine(0.1, 27)  # -15.5 to 10
    assert keeps(affine, (-15.5, 10.0)) and keeps(affine, (-15.45, 9.95))
    assert not keeps(affine, (-15.4, 10.0)) and not keeps(affine, (-16.0, 9.9))
