"""Sums written with half the multipliers: the same for all pairs of bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tinyrig.generator.graph.requant import Int64Array
from tinyrig.generator.operators.sums import SumConstants, shortened

_X = np.arange(-128, 128, dtype=np.int64)


def outputs(form: SumConstants, lo: int, hi: int) -> Int64Array:
    products = _X[:, None] * form.a_multiplier + _X * form.b_multiplier
    return np.clip((products + form.start) >> form.shift, lo, hi)


def reach(form: SumConstants) -> int:
    return 128 * (abs(form.a_multiplier) + abs(form.b_multiplier)) + abs(form.start)


@settings(max_examples=60, deadline=None)
@given(
    a=st.integers(-(2**24), 2**24),
    b=st.integers(-(2**24), 2**24),
    start=st.integers(-(2**31), 2**31),
    shift=st.integers(0, 24),
    limits=st.sampled_from([(-128, 127), (0, 127), (-128, -3), (5, 5)]),
)
@example(a=2**23 - 1, b=4321, start=99, shift=23, limits=(-128, 127))
@example(a=2**23, b=4321, start=99, shift=23, limits=(-128, 127))
@example(a=2**23 + 1, b=4321, start=99, shift=23, limits=(-128, 127))
@example(a=4321, b=2**23, start=-99, shift=23, limits=(0, 127))
@example(a=-(2**23) - 1, b=4321, start=99, shift=24, limits=(-128, 127))
@example(a=2**24 - 1, b=0, start=0, shift=24, limits=(-128, 127))
@example(a=2**23, b=2**20, start=1, shift=0, limits=(-128, 127))
@example(a=2**23, b=2**20 + 1, start=2**23, shift=1, limits=(-128, 127))
def test_all_pairs_give_the_same(
    a: int, b: int, start: int, shift: int, limits: tuple[int, int]
) -> None:
    form = SumConstants(a, b, start, shift)
    assume(reach(form) < 2**31)
    short = shortened(form, *limits)
    assert reach(short) < 2**31
    np.testing.assert_array_equal(outputs(short, *limits), outputs(form, *limits))


@pytest.mark.parametrize("multiplier", [2**23 - 1, -(2**23)])
def test_those_that_fit_stay(multiplier: int) -> None:
    form = SumConstants(multiplier, -4321, 99, 23)
    assert shortened(form, -128, 127) is form


@pytest.mark.parametrize("start", [98, 99, 2**22 - 1])
@pytest.mark.parametrize("multiplier", [2**23, 2**23 + 1, -(2**23) - 1])
def test_those_at_the_limit_are_halved(multiplier: int, start: int) -> None:
    short = shortened(SumConstants(multiplier, 4321, start, 23), -128, 127)
    assert short.shift == 22
    assert -(2**23) <= short.a_multiplier < 2**23


def test_a_half_that_is_not_the_nearest() -> None:
    """A sum of trformer: none of the four nearest pairs of multipliers gives the same."""
    given = SumConstants(8588337, 1822525, 23692824, 23)
    short = shortened(given, -128, 127)
    assert (short.a_multiplier, short.b_multiplier) == (4294171, 911263)
    np.testing.assert_array_equal(outputs(short, -128, 127), outputs(given, -128, 127))


def test_one_whose_outputs_change_stays() -> None:
    """Outputs of a shift of 1 and limits of one byte: halves of odd multipliers are off."""
    given = SumConstants(2**23 + 1, 1, 0, 1)
    assert shortened(given, -128, 127) == given
