"""Biases as start values: exact where the file quantized them, refused where rounding shows."""

from __future__ import annotations

import numpy as np
import pytest
from qdq_models import QdqModel, compare

from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.weights import Weight, linear_constants
from tinyrig.generator.graph.ops import Unary
from tinyrig.generator.graph.requant import RangeError
from tinyrig.generator.graph.tensor import Affine

WEIGHT = Weight(np.array([[3, -7], [100, 5]], np.int64), np.array([0.5]))
X = Affine(4.0, 0)
"""A step of the accumulator is worth 2.0."""


def test_a_bias_of_whole_steps_is_exact_whatever_they_are_worth() -> None:
    _, start = linear_constants(WEIGHT, np.array([6.0, -14.0]), X, Affine(0.125, 0))
    np.testing.assert_array_equal(start, [3, -7])


@pytest.mark.parametrize(("scale", "lost"), [(1.0, False), (0.8, True)])
def test_a_bias_between_two_steps_is_refused_where_it_moves_the_output(
    scale: float, lost: bool
) -> None:
    bias = np.array([0.0, 6.9])  # half a step of the accumulator but 0.1: 0.9
    if not lost:
        linear_constants(WEIGHT, bias, X, Affine(scale, 0))
        return
    with pytest.raises(RangeError, match=r"bias 6\.9 .* by 1\.1 steps"):
        linear_constants(WEIGHT, bias, X, Affine(scale, 0))


def test_a_channel_without_weights_has_the_largest_scale_of_the_others() -> None:
    """Its own is arbitrary, and may leave no multiplier."""
    codes = np.array([[3, -7], [0, 0], [100, 5]], np.int64)
    weight = Weight(codes, np.array([0.02, 1e-30, 0.01]))
    requant, _ = linear_constants(weight, np.zeros(3), X, Affine(1.0, 0))
    multipliers = requant.multiplier.tolist()
    assert multipliers[1] == multipliers[0] > multipliers[2]


@pytest.mark.parametrize("zero", [-128, -3, 127])
def test_a_product_times_minus_a_number_keeps_every_code(zero: int) -> None:
    m = QdqModel(np.random.default_rng(4))
    y = m.node("MatMul", m.activation((6, 9)), m.activation((9, 7)))
    case = m.case(m.pair(m.node("Mul", y, m.floats(-0.3)), 0.05, zero))
    table = graph_from_model(case.model, "case").nodes[-1]
    assert isinstance(table, Unary)
    np.testing.assert_array_equal(table.lut, np.arange(127, -129, -1))
    assert compare(case).largest <= 1


def test_a_weight_of_the_least_code_is_rounded_where_it_is_negated() -> None:
    m = QdqModel(np.random.default_rng(4))
    codes = np.array([[-128, 5], [7, -127]], np.int8)
    weight = m.node("DequantizeLinear", m.constant(codes), m.floats(0.01), m.constant(np.int8(0)))
    case = m.case(m.quantised(m.node("Gemm", m.activation((3, 2)), weight, alpha=-1.0)))
    graph = graph_from_model(case.model, "case")
    assert "1 of its 2 output channels are rounded" in graph.notes[0]
    assert compare(case).largest <= 1
