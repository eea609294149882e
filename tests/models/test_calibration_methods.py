"""Ranges by method, and the choice of the best."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.case import case_of
from tinyrig.suite.models.methods import quantize_by
from tinyrig.suite.models.ranges import METHODS, Histogram, Method
from tinyrig.suite.models.recipe import choice_of

Floats = NDArray[np.float32]


def _seen(values: Floats) -> Histogram:
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    return (
        Histogram.empty(low, high)
        .seeing(values[: len(values) // 2])
        .seeing(values[len(values) // 2 :])
    )


def _with_outlier(seed: int = 0) -> Floats:
    values = np.random.default_rng(seed).normal(size=200_000).astype(np.float32)
    values[7] = 400.0
    return values


def _error(values: Floats, ends: tuple[float, float]) -> float:
    low, high = ends
    step = (high - low) / 255
    kept = np.rint((np.clip(values, low, high) - low) / step) * step + low
    return float(np.mean((values - kept) ** 2))


def test_minmax_clips_nothing() -> None:
    values = _with_outlier()
    assert _seen(values).range_by("minmax") == (float(values.min()), 400.0)


def test_percentile_leaves_out_its_share_of_each_end() -> None:
    values = np.arange(-40_000, 60_001, dtype=np.float32)
    low, high = _seen(values).range_by("percentile")
    bin_width = 100_000 / 2048
    assert abs(low - -39_995) <= bin_width and abs(high - 59_995) <= bin_width


@pytest.mark.parametrize(
    ("method", "most"), [("percentile", 5.0), ("entropy", 180.0), ("mse", 320.0)]
)
def test_one_outlier_does_not_stretch_the_range(method: Method, most: float) -> None:
    """Its own error keeps `mse` near 400 / (1 + n / (12 * 255^2)) = 318, in steps of a 60th."""
    low, high = _seen(_with_outlier()).range_by(method)
    assert low <= 0.0 < high < most


def test_mse_has_no_larger_error_than_any_other() -> None:
    rng = np.random.default_rng(3)
    for values in (rng.normal(size=50_000), rng.laplace(size=50_000), rng.exponential(size=50_000)):
        seen = _seen(values.astype(np.float32))
        errors = {method: _error(values, seen.range_by(method)) for method in METHODS}
        assert errors["mse"] <= 1.01 * min(errors.values())


@pytest.mark.parametrize("method", METHODS)
def test_a_tensor_of_zeros_keeps_its_range(method: Method) -> None:
    assert _seen(np.zeros(10, np.float32)).range_by(method) == (0.0, 0.0)


def _model(weight: Floats) -> onnx.ModelProto:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("MatMul", ["r", "v"], ["y"]),
    ]
    constants = [
        numpy_helper.from_array(weight, "w"),
        numpy_helper.from_array(weight.T.copy(), "v"),
    ]
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "methods",
        [info("x", onnx.TensorProto.FLOAT, (1, 16))],
        [info("y", onnx.TensorProto.FLOAT, (1, 16))],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _feeds(count: int) -> list[dict[str, Floats]]:
    rng = np.random.default_rng(5)
    return [{"x": rng.standard_t(2, size=(1, 16)).astype(np.float32)} for _ in range(count)]


def test_the_best_is_the_one_of_the_highest_measured_sqnr() -> None:
    model = _model(np.random.default_rng(4).normal(size=(16, 24)).astype(np.float32))
    found = quantize_by(model, _feeds(40), "best")
    (note,) = found.notes
    levels = {method: float(note.split(f"{method} ")[-1].split(" dB")[0]) for method in METHODS}
    assert note.startswith(f"calibrated by {found.method}, the best on 40 calibration inputs")
    assert levels[found.method] == max(levels.values())
    alone = quantize_by(model, _feeds(40), found.method)
    assert alone.model.SerializeToString() == found.model.SerializeToString()


def test_a_method_changes_the_graph_and_is_told() -> None:
    model = _model(np.random.default_rng(4).normal(size=(16, 24)).astype(np.float32))
    cases = {
        choice: case_of(model, "m", _feeds(40), choice=choice)
        for choice in ("minmax", "entropy", "best")
    }
    scales = {
        name: [tensor.affine.scale for tensor in case.graph.tensors.values()]
        for name, case in cases.items()
    }
    assert scales["entropy"] != scales["minmax"]
    assert any("SQNR of minmax" in note for note in cases["best"].notes)
    assert cases["best"].method in METHODS and not cases["entropy"].notes


def test_another_word_is_refused() -> None:
    with pytest.raises(InputError, match="'kl' is none of minmax, percentile, entropy, mse, best"):
        choice_of("kl")
