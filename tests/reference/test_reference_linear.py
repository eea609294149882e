"""Linear and matmul against float64, in both requantisation forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import (
    Quantized,
    Real,
    assert_close,
    both_forms,
    fitted_affine,
    random_quantized,
    rounding_fraction,
    run_one,
    wires,
)

from tinyrig.generator.graph.ops import Linear, MatMul
from tinyrig.generator.graph.requant import RangeError, Requant, requantise
from tinyrig.generator.graph.tensor import Affine

SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def leading(draw: st.DrawFn) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(1, 4), max_size=3)))


def linear_operands(
    rng: np.random.Generator, shape: tuple[int, ...], n: int, limit: int
) -> tuple[Quantized, np.ndarray, np.ndarray, Real]:
    """x, weight codes up to `limit`, bias codes, and the weight's scale a channel."""
    x = random_quantized(rng, shape)
    weight = rng.integers(-limit, limit + 1, (n, shape[-1]), dtype=np.int8)
    bias = rng.integers(-2000, 2001, n)
    return x, weight, bias, rng.uniform(0.001, 0.02, n)


def linear_real(x: Quantized, weight: np.ndarray, bias: np.ndarray, scales: Real) -> Real:
    real_weight = weight.astype(np.float64) * scales[:, None]
    return x.real @ real_weight.T + bias * x.affine.scale * scales


def linear_start(
    x: Quantized, weight: np.ndarray, bias: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    wide = weight.astype(np.int64)
    return bias - x.affine.zero_point * wide.sum(axis=1), 128 * np.abs(wide).sum(axis=1)


@settings(max_examples=40)
@given(leading(), st.integers(1, 70), st.integers(1, 20), st.sampled_from((1, 127)), SEEDS)
def test_linear_rounds_like_float64(
    lead: tuple[int, ...], k: int, n: int, limit: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x, weight, bias, scales = linear_operands(rng, (*lead, k), n, limit)
    real = linear_real(x, weight, bias, scales)
    to = fitted_affine(rng, real)
    multiplier = x.affine.scale * scales / to.scale
    requant, start = requantise(multiplier, *linear_start(x, weight, bias), to.zero_point)
    node = Linear(weight=weight, start=start, requant=requant, **wires(1))
    got = run_one(node, [x], (*lead, n), to)
    assert_close(got, real, to, rounding_fraction(requant, float(multiplier.max())))


@pytest.mark.parametrize("multiplier", [1 / 16, 1 / 50, 1 / 1000])
def test_narrow_and_wide_differ_by_at_most_half_a_multiplier(multiplier: float) -> None:
    rng = np.random.default_rng(3)
    x, weight, bias, _ = linear_operands(rng, (500, 8), 64, min(127, int(0.3 / multiplier)))
    zero_point = 5
    start, reach = linear_start(x, weight, bias // 40)
    exact = multiplier * rng.uniform(0.9, 1.0, 64)
    results = [
        run_one(
            Linear(weight=weight, start=begin, requant=requant, **wires(1)),
            [x],
            (500, 64),
            Affine(1.0, zero_point),
        ).astype(np.int64)
        for requant, begin in both_forms(exact, start, reach, zero_point)
    ]
    assert len(np.unique(results[0])) > 25
    difference = np.abs(results[0] - results[1])
    assert difference.max() <= 1
    assert np.mean(difference) <= multiplier / 2 + 1e-3


def test_a_shared_multiplier_equals_the_same_multiplier_on_every_channel() -> None:
    rng = np.random.default_rng(4)
    x, weight, _, _ = linear_operands(rng, (9, 12), 5, 127)
    start = np.arange(5, dtype=np.int32)
    one, many = (Requant(np.full(n, 2**20, np.int32), 32, False, -3) for n in (1, 5))
    results = [
        run_one(
            Linear(weight=weight, start=start, requant=requant, **wires(1)),
            [x],
            (9, 5),
            Affine(1.0, -3),
        )
        for requant in (one, many)
    ]
    assert np.array_equal(results[0], results[1])


def test_clamp_comes_before_the_table() -> None:
    x = Quantized(np.arange(-128, 128, dtype=np.int8).reshape(256, 1), Affine(1.0, 0))
    weight, start = np.ones((1, 1), np.int8), np.zeros(1, np.int32)
    requant = Requant(np.array([2**30], np.int32), 30, False, 0, lo=-10, hi=100)
    lut = np.arange(127, -129, -1).astype(np.int8)
    node = Linear(weight=weight, start=start, requant=requant, lut=lut, **wires(1))
    got = run_one(node, [x], (256, 1), Affine(1.0, 0))
    expected = -1 - np.clip(x.codes.astype(np.int64), -10, 100)
    assert np.array_equal(got, expected)


def test_wide_form_rounds_half_up_on_both_sides_of_zero() -> None:
    x = Quantized(np.array([[-3], [-1], [1], [3]], np.int8), Affine(1.0, 0))
    requant = Requant(np.array([2**30], np.int32), 31, False, 0)
    node = Linear(
        weight=np.ones((1, 1), np.int8), start=np.zeros(1, np.int32), requant=requant, **wires(1)
    )
    assert run_one(node, [x], (4, 1), Affine(1.0, 0)).ravel().tolist() == [-1, 0, 1, 2]


@pytest.mark.parametrize("narrow", [True, False])
def test_the_largest_accumulators_saturate_without_overflow(narrow: bool) -> None:
    x = Quantized(np.zeros((1, 1), np.int8), Affine(1.0, 0))
    start = np.array([2**31 - 1, -(2**31)], np.int32)
    requant = Requant(np.array([2**31 - 1], np.int32), 32 if narrow else 24, narrow, 127)
    node = Linear(weight=np.ones((2, 1), np.int8), start=start, requant=requant, **wires(1))
    assert run_one(node, [x], (1, 2), Affine(1.0, 127)).tolist() == [[127, -128]]


def one_sum(start: int, sign: int) -> np.ndarray:
    """An accumulator of start +- 1."""
    x = Quantized(np.full((1, 1), sign, np.int8), Affine(1.0, 0))
    requant = Requant(np.array([1], np.int32), 32, False, 0)
    node = Linear(
        weight=np.ones((1, 1), np.int8),
        start=np.array([start], np.int32),
        requant=requant,
        **wires(1),
    )
    return run_one(node, [x], (1, 1), Affine(1.0, 0))


@pytest.mark.parametrize(("start", "sign"), [(2**31 - 1, 1), (-(2**31), -1)])
def test_an_accumulator_outside_int32_is_refused(start: int, sign: int) -> None:
    one_sum(start - sign, sign)  # the last that fits
    with pytest.raises(RangeError, match=r"'n'.*outside int32"):
        one_sum(start, sign)


@settings(max_examples=40)
@given(
    st.sampled_from([((), ()), ((3,), (3,)), ((2, 3), (2, 3)), ((2, 1), (1, 3)), ((), (4,))]),
    st.tuples(st.integers(1, 9), st.integers(1, 40), st.integers(1, 9)),
    SEEDS,
)
def test_matmul_rounds_like_float64(
    batches: tuple[tuple[int, ...], tuple[int, ...]], mkn: tuple[int, int, int], seed: int
) -> None:
    m, k, n = mkn
    rng = np.random.default_rng(seed)
    a = random_quantized(rng, (*batches[0], m, k))
    b = random_quantized(rng, (*batches[1], k, n))
    real = a.real @ b.real
    to = fitted_affine(rng, real)
    multiplier = a.affine.scale * b.affine.scale / to.scale
    requant, start = requantise(
        [multiplier], np.zeros(1, np.int64), np.array([k * 255**2]), to.zero_point
    )
    node = MatMul(start=int(start[0]), requant=requant, **wires(2))
    got = run_one(node, [a, b], real.shape, to)
    assert_close(got, real, to, rounding_fraction(requant, multiplier))
