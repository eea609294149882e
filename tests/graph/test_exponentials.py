"""The tables of softmax and the limit of probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.graph.exponentials import (
    exp_table,
    fine_table,
    softmax_tables,
    softmax_top,
    tail_error,
    weight_top,
)
from tinyrig.generator.graph.requant import RangeError


@pytest.mark.parametrize("length", [1, 2, 65538, 65539, 2**31 - 1])
def test_rows_of_equal_scores_stay_inside_int32(length: int) -> None:
    top = softmax_top(length)
    assert top == min(32767, (2**31 - 1) // length)
    assert top * length < 2**31


@pytest.mark.parametrize("zero_point", [-128, -1, 0, 127])
@pytest.mark.parametrize("length", [1, 257, 512, 513, 1024, 4096])
def test_weighted_rows_of_the_widest_values_stay_inside_int32(length: int, zero_point: int) -> None:
    top = weight_top(length, zero_point)
    reach = max(127 - zero_point, 128 + zero_point)
    assert top * length * reach < 2**31
    assert top == 32767 or (top + 1) * length * (128 + abs(zero_point)) >= 2**31


def test_a_row_without_room_is_refused() -> None:
    with pytest.raises(RangeError, match="no room"):
        softmax_top(2**31)
    with pytest.raises(RangeError, match="no room"):
        weight_top(2**24, 0)


@given(st.floats(1e-4, 5.0), st.integers(1, 32767))
def test_a_table_is_the_exponential_rounded(scale: float, top: int) -> None:
    table = exp_table(scale, top)
    assert table.dtype == np.uint16 and int(table[0]) == top
    assert np.abs(table - np.exp(-scale * np.arange(256)) * top).max() <= 0.5
    assert np.all(np.diff(table.astype(int)) <= 0)


@pytest.mark.parametrize("length", [2, 3, 1024])
def test_a_fine_table_fills_32_bits(length: int) -> None:
    table = fine_table(0.1, length)
    assert table.dtype == np.uint32
    assert 2**32 - length <= int(table[0]) * length < 2**32


@given(
    st.floats(0.01, 1.0),
    st.integers(2, 1024),
    st.integers(0, 2**32 - 1),
)
@example(0.1, 1024, 0)
def test_no_row_has_a_larger_error_than_its_bound(scale: float, length: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = exp_table(scale, softmax_top(length))
    depth = np.append(0, rng.choice(256, length - 1, p=rng.dirichlet(np.full(256, 0.01))))
    real = np.exp(-scale * depth) * int(table[0])
    off = abs(float((table[depth] - real).sum()))
    assert off / min(float(real.sum()), float(table[depth].sum())) <= 1.01 * tail_error(
        scale, table, length
    )


def test_only_long_rows_are_summed_finer() -> None:
    assert softmax_tables(0.1, 81, 1 / 256).fine is None
    assert softmax_tables(0.1, 81, 0.1 / 256).fine is not None
    assert softmax_tables(0.1, 257, 1 / 256).fine is not None
    assert softmax_tables(1e-6, 2**16, 1 / 256).fine is None, "a flat table rounds nothing away"


def test_probabilities_finer_than_the_table_are_refused() -> None:
    assert softmax_tables(0.9, 8, 2.0**-14).exp[0] == 32767
    with pytest.raises(RangeError, match="finer than its table"):
        softmax_tables(0.9, 8, 2.0**-17)
