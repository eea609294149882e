"""Requantisation constants: form, fold, borders and refusals."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.graph.requant import (
    RangeError,
    requantise,
    row_scale,
    wide_shift,
)

NONE = np.zeros(1, np.int64)
REACH = np.array([1000])


@pytest.mark.parametrize(
    ("multiplier", "narrow"),
    [
        ([1 / 16], True),
        ([math.nextafter(1 / 16, 1.0)], False),
        ([1 / 16, 1 / 1000], True),
        ([1 / 15, 1 / 1000], False),
        ([0.0], False),
        ([0.01, 0.0], False),
        ([127.9], False),
    ],
)
def test_form_is_narrow_only_when_every_multiplier_allows_it(
    multiplier: list[float], narrow: bool
) -> None:
    start, reach = np.zeros(len(multiplier), np.int64), np.full(len(multiplier), 1000)
    assert requantise(multiplier, start, reach, 0)[0].narrow is narrow


def test_narrow_constants() -> None:
    requant, start = requantise(
        [1 / 16, 1 / 100], np.array([10, -20]), np.array([9, 9]), -3, (-3, 99)
    )
    assert requant.multiplier.tolist() == [2**28, round(2**32 / 100)]
    assert requant.multiplier.dtype == start.dtype == np.int32
    # (-3 + 0.5) / m is -40 and -250.
    assert start.tolist() == [10 - 40, -20 - 250]
    assert (requant.shift, requant.zero_point, requant.lo, requant.hi) == (32, -3, -3, 99)


def test_wide_constants_leave_the_start_alone() -> None:
    requant, start = requantise([0.75, 0.1], np.array([10, -20]), np.array([9, 9]), -3)
    assert requant.shift == 31
    assert requant.multiplier.tolist() == [round(0.75 * 2**31), round(0.1 * 2**31)]
    assert start.tolist() == [10, -20]
    assert start.dtype == np.int32


def test_the_fold_must_fit_int32_for_the_narrow_form() -> None:
    multiplier, zero_point = 2.0**-20, 127
    fold = round((zero_point + 0.5) / multiplier)
    room = 2**31 - 1 - fold
    fits = requantise([multiplier], NONE, np.array([room]), zero_point)
    assert fits[0].narrow
    assert fits[1].tolist() == [fold]
    beyond = requantise([multiplier], NONE, np.array([room + 1]), zero_point)
    assert not beyond[0].narrow
    assert beyond[1].tolist() == [0]


@given(
    st.floats(1e-6, 1 / 16),
    st.integers(-128, 127),
    st.integers(-(2**20), 2**20),
)
def test_both_forms_round_to_the_same_step_or_its_neighbour(
    multiplier: float, zero_point: int, acc: int
) -> None:
    requant, start = requantise([multiplier], NONE, np.array([2**20]), zero_point)
    exact = Fraction(multiplier) * acc + zero_point
    if requant.narrow:
        got = ((acc + int(start[0])) * int(requant.multiplier[0])) >> 32
        # Half a fold's unit, and half a unit of M on the accumulator.
        slack = Fraction(multiplier) / 2 + Fraction(abs(acc + int(start[0])), 2**33)
    else:
        half = 1 << (requant.shift - 1)
        got = zero_point + ((acc * int(requant.multiplier[0]) + half) >> requant.shift)
        slack = Fraction(abs(acc), 2 ** (requant.shift + 1))
    assert abs(got - exact) <= Fraction(1, 2) + slack


@pytest.mark.parametrize("multiplier", [[-0.1], [math.nan], [math.inf], [128.0], [1e9]])
def test_multipliers_outside_their_range_are_refused(multiplier: list[float]) -> None:
    with pytest.raises(RangeError):
        requantise(multiplier, NONE, REACH, 0)


def test_accumulators_outside_int32_are_refused() -> None:
    edge = np.array([2**31 - 1 - 5])
    assert requantise([0.5], np.array([-5]), edge, 0)[1].tolist() == [-5]
    with pytest.raises(RangeError, match="outside int32"):
        requantise([0.5], np.array([-6]), edge, 0)


@pytest.mark.parametrize(
    ("multiplier", "shift"),
    [
        (0.0, 32),
        (math.nextafter(0.5, 0.0), 32),
        (0.5, 31),
        (1.0 - 2.0**-33, 30),
        (math.nextafter(1.0, 0.0), 30),
        (1.0, 30),
        (2.0, 29),
        (64.0, 24),
        (math.nextafter(128.0, 0.0), 23),
    ],
)
def test_wide_shift_at_its_borders(multiplier: float, shift: int) -> None:
    assert wide_shift(multiplier) == shift


@given(st.floats(0.0, 128.0, exclude_max=True, allow_subnormal=False))
def test_wide_multipliers_fit_int32(multiplier: float) -> None:
    requant, _ = requantise([multiplier], NONE, np.array([2**31 - 1]), 0)
    assert not requant.narrow
    assert 23 <= requant.shift <= 32
    integer = int(requant.multiplier[0])
    assert 0 <= integer < 2**31
    assert abs(integer - Fraction(multiplier) * 2**requant.shift) <= Fraction(1, 2)
    if multiplier >= 0.5:
        assert math.floor(Fraction(multiplier) * 2 ** (requant.shift + 1) + Fraction(1, 2)) >= 2**31


@pytest.mark.parametrize("multiplier", [-1e-9, 128.0, math.nan])
def test_wide_shift_refuses_what_no_form_holds(multiplier: float) -> None:
    with pytest.raises(RangeError):
        wide_shift(multiplier)


@given(st.floats(2.0**-10, 2.0**6))
def test_row_scale_is_a_normal_mantissa(real: float) -> None:
    scale = row_scale(real, 32767, 16)
    assert 2**30 <= scale.mantissa < 2**31
    assert scale.mantissa * 2.0**-scale.exponent == pytest.approx(real, rel=2.0**-30)


def test_row_scale_carries_a_mantissa_that_rounds_up() -> None:
    scale = row_scale(math.nextafter(1.0, 0.0), 32767, 16)
    assert (scale.mantissa, scale.exponent) == (2**30, 30)


def test_row_scale_bounds_are_the_shift_of_the_least_and_the_largest_sum() -> None:
    """exp[0] = 2^14 has 17 leading zeros: the shift is c - 18, and 4 more for 16 elements."""
    top, length = 2**14, 16
    least, most = 2.0 ** (30 - 45), 2.0 ** (30 - 19)
    assert row_scale(least, top, length).exponent == 45
    assert row_scale(most, top, length).exponent == 19
    for real in (least / 2, most * 2):
        with pytest.raises(RangeError, match=r"outside 1\.\.31"):
            row_scale(real, top, length)


@pytest.mark.parametrize("real", [0.0, -1.0, math.inf, math.nan])
def test_row_scale_refuses_what_is_not_a_positive_number(real: float) -> None:
    with pytest.raises(RangeError, match="positive and finite"):
        row_scale(real, 32767, 16)
