"""RequantShift as a wide requantisation: the same number for every accumulator."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tinyrig.generator.graph.requant import RangeError
from tinyrig.generator.graph.shifted import Shifted

_REACH = 2**20


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 24),
    st.one_of(st.integers(1, 600), st.integers(1, 2**18), st.integers(0, 18).map(lambda n: 1 << n)),
    st.one_of(st.just(0), st.integers(-(10**8), 10**8)),
    st.sampled_from([0, -128]),
)
def test_one_factor_always_has_an_exact_split(
    shift: int, mul: int, add: int, zero_point: int
) -> None:
    shifted = Shifted((mul,), (add,), shift, zero_point, -128, 127)
    try:
        found = shifted.exact(np.zeros(1, np.int64), np.full(1, _REACH))
    except RangeError:
        assume(False)
    if found is None:
        assert mul >> shift >= 64 or shift + 31 - mul.bit_length() < 23
        return
    requant, start = found
    centre = -add // mul
    step = max(1, (1 << shift) // mul // 3)
    acc = np.concatenate([np.arange(-600, 600) * step + centre, np.arange(-_REACH, _REACH, 997)])
    acc = acc[np.abs(acc) <= _REACH]
    rounding = (1 << shift) >> 1
    wanted = np.clip(((acc * mul + add + rounding) >> shift) + zero_point, -128, 127)
    product = (acc + int(start[0])) * int(requant.multiplier[0])
    moved = (product + (1 << (requant.shift - 1))) >> requant.shift
    np.testing.assert_array_equal(np.clip(moved + requant.zero_point, -128, 127), wanted)


def test_channels_have_a_split_where_their_addends_are_whole_steps() -> None:
    start, reach = np.zeros(2, np.int64), np.full(2, 1000)
    whole = Shifted((3, 5), (12, -35), 10, 0, -128, 127).exact(start, reach)
    assert whole is not None and whole[1].tolist() == [4, -7]
    assert Shifted((3, 5), (12, -34), 10, 0, -128, 127).exact(start, reach) is None


@pytest.mark.parametrize("mul", [0, -1])
def test_factors_that_are_not_positive_have_none(mul: int) -> None:
    shifted = Shifted((mul,), (0,), 8, 0, -128, 127)
    assert shifted.exact(np.zeros(1, np.int64), np.zeros(1, np.int64)) is None


def test_an_accumulator_beyond_32_bits_is_refused() -> None:
    with pytest.raises(RangeError, match="outside int32"):
        Shifted((1,), (0,), 8, 0, -128, 127).exact(np.array([2**31 - 1]), np.array([1]))
