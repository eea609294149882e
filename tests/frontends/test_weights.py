"""Biases as start values: exact where the file quantized them, refused where rounding shows."""

from __future__ import annotations

import numpy as np
import pytest

from tinyrig.generator.frontends.weights import Weight, linear_constants
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
