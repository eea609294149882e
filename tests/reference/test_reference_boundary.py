"""The boundary against ONNX Runtime's QuantizeLinear and DequantizeLinear."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.tensor import Affine
from tinyrig.suite.reference.boundary import dequantize_output, quantize_input

SCALES = st.floats(2.0**-20, 2.0**13, width=32)


def onnx_boundary(op: str, values: np.ndarray, affine: Affine) -> np.ndarray:
    kinds = {"QuantizeLinear": (TensorProto.FLOAT, TensorProto.INT8)}
    given, gives = kinds.get(op, (TensorProto.INT8, TensorProto.FLOAT))
    constants = [
        numpy_helper.from_array(np.float32(affine.scale), "scale"),
        numpy_helper.from_array(np.int8(affine.zero_point), "zero"),
    ]
    graph = helper.make_graph(
        [helper.make_node(op, ["x", "scale", "zero"], ["y"])],
        "boundary",
        [helper.make_tensor_value_info("x", given, values.shape)],
        [helper.make_tensor_value_info("y", gives, values.shape)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": values})[0]


@settings(max_examples=30)
@given(SCALES, st.integers(-128, 127), st.integers(0, 2**32 - 1))
def test_quantize_matches_onnx_runtime(scale: float, zero_point: int, seed: int) -> None:
    affine = Affine(scale, zero_point)
    rng = np.random.default_rng(seed)
    spread = rng.normal(0.0, 90.0 * scale, 1000)
    ties = (rng.integers(-300, 300, 500) + 0.5) * scale
    near = np.nextafter(ties.astype(np.float32), np.float32(np.inf))
    extremes = [np.inf, -np.inf, 3e38, -3e38, 0.0, -0.0]
    x = np.concatenate([spread, ties, near, extremes]).astype(np.float32)
    got = quantize_input(x, affine)
    assert got.dtype == np.int8
    assert np.array_equal(got, onnx_boundary("QuantizeLinear", x, affine))


def test_ties_go_to_the_even_step_before_the_zero_point() -> None:
    x = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], np.float32)
    assert quantize_input(x, Affine(1.0, 1)).tolist() == [-1, -1, 1, 1, 3, 3]


@given(SCALES, st.integers(-128, 127))
def test_dequantize_matches_onnx_runtime_and_returns(scale: float, zero_point: int) -> None:
    affine = Affine(scale, zero_point)
    codes = np.arange(-128, 128, dtype=np.int8)
    real = dequantize_output(codes, affine)
    assert real.dtype == np.float32
    assert np.array_equal(real, onnx_boundary("DequantizeLinear", codes, affine))
    assert np.array_equal(quantize_input(real, affine), codes)


def test_nan_is_refused() -> None:
    with pytest.raises(InputError, match="NaN"):
        quantize_input(np.array([1.0, np.nan], np.float32), Affine(1.0, 0))
