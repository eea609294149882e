"""The constants of LogSoftmax stay within their integers, and tell when they are too coarse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.graph.logarithms import log_constants
from tinyrig.generator.graph.requant import RangeError
from tinyrig.generator.graph.tensor import Affine


@given(
    st.floats(1e-6, 1e3),
    st.integers(1, 1500),
    st.floats(1e-3, 1e3),
    st.sampled_from([-128, 0, 127]),
)
@example(score=1e3, length=1500, step=1e-3, zero_point=127)
@example(score=1e-6, length=1, step=1e3, zero_point=-128)
def test_what_a_row_adds_stays_inside_int32(
    score: float, length: int, step: float, zero_point: int
) -> None:
    made = log_constants(score, length, Affine(step, zero_point))
    top = int(made.exp[0])
    assert top & (top - 1) == 0
    assert top * length < 2**32 <= 4 * top * length
    assert np.all(np.diff(made.logs) >= 0)
    assert made.logs[-1] <= 2**31 - 1
    most = int(made.logs[-1]) + 255 * made.slope
    assert abs(made.start) + most < 2**31


@pytest.mark.parametrize("step", [0.001, 0.01, 0.1, 1.0])
def test_rounding_the_slope_costs_a_hundredth_of_a_step(step: float) -> None:
    made = log_constants(0.03, 10, Affine(step, 127))
    real = made.slope * int(made.requant.multiplier[0]) / 2.0**made.requant.shift
    assert 255 * abs(real - 0.03 / step) <= 0.01 * max(1.0, 0.03 / step)


@pytest.mark.parametrize(("length", "step"), [(2, 1e-5), (60000, 0.01)])
def test_steps_finer_than_the_sums_are_refused(length: int, step: float) -> None:
    with pytest.raises(RangeError, match="larger scale"):
        log_constants(0.1, length, Affine(step, 127))
    log_constants(0.1, length, Affine(100 * step, 127))
