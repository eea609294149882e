"""LayerNorm and the integer inverse square root against float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import Codes, Quantized, Real, assert_close, fitted_affine, run_one, wires

from generator.graph.ops import LayerNorm
from generator.graph.requant import RangeError, requantise
from generator.graph.tensor import Affine
from suite.reference.bits import bit_length, inverse_sqrt

EPSILON = 1e-5


def float_layernorm(x: Real, gamma: Real, beta: Real, epsilon: float = EPSILON) -> Real:
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon) * gamma + beta


def off_by_one(gamma: Real, to: Affine) -> float:
    """The normalised value is rounded to 2^-7: on average a quarter of that, in output steps."""
    return float(np.abs(gamma).max()) / (2.0**9 * to.scale) + 0.005


def output_affine(rng: np.random.Generator, real: Real, gamma: Real) -> Affine:
    """A fitted affine, but no finer than 2^-7 of gamma resolves (rows that epsilon flattens)."""
    fitted = fitted_affine(rng, real)
    return Affine(max(fitted.scale, float(np.abs(gamma).max()) / 50), fitted.zero_point)


def layernorm(
    codes: Codes, scale: float, gamma: Real, beta: Real, to: Affine, epsilon: float = EPSILON
) -> Codes:
    """Run the operator with constants by docs/arithmetic.md."""
    length = codes.shape[-1]
    gamma_scale = float(np.abs(gamma).max()) / 32767
    integers = np.rint(gamma / gamma_scale).astype(np.int16)
    start = np.rint(beta * 2.0**7 / gamma_scale).astype(np.int64)
    most = math.ceil(2**7 * math.sqrt(max(length - 1, 1))) + 1
    requant, folded = requantise(
        [gamma_scale / (2.0**7 * to.scale)],
        start,
        np.abs(integers.astype(np.int64)) * most,
        to.zero_point,
    )
    node = LayerNorm(
        gamma=integers,
        start=folded,
        eps=max(1, round(epsilon * length**2 / scale**2)),
        requant=requant,
        **wires(1),
    )
    return run_one(node, [Quantized(codes, Affine(scale, 31))], codes.shape, to)


@settings(max_examples=40)
@given(
    st.lists(st.integers(1, 5), max_size=2),
    st.integers(2, 300),
    st.floats(0.001, 1.0),
    st.integers(1, 127),
    st.integers(0, 2**32 - 1),
)
def test_layernorm_rounds_like_float64(
    lead: list[int], length: int, scale: float, reach: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(-reach, reach + 1, (*lead, length), dtype=np.int8)
    gamma, beta = rng.uniform(0.3, 1.5, length), rng.uniform(-1.0, 1.0, length)
    real = float_layernorm(scale * (codes - 31.0), gamma, beta)
    to = output_affine(rng, real, gamma)
    assert_close(layernorm(codes, scale, gamma, beta, to), real, to, off_by_one(gamma, to))


@pytest.mark.parametrize("code", [-128, -1, 0, 127])
@pytest.mark.parametrize("length", [1, 2, 4096])
def test_a_constant_row_gives_beta(code: int, length: int) -> None:
    codes = np.full((2, length), code, np.int8)
    beta = np.linspace(-1.0, 1.0, length)
    to = Affine(1 / 100, 0)
    got = layernorm(codes, 0.05, np.ones(length), beta, to)
    assert_close(got, np.broadcast_to(beta, codes.shape), to, 0.01)


@pytest.mark.parametrize("length", [2, 3, 64, 1000, 4096])
def test_rows_of_the_widest_spread(length: int) -> None:
    """One outlier gives the largest normalised value, two halves the largest variance."""
    outlier = np.full(length, -128, np.int8)
    outlier[0] = 127
    halves = np.where(np.arange(length) % 2 == 0, -128, 127).astype(np.int8)
    codes = np.stack([outlier, -1 - outlier, halves])
    real = float_layernorm(0.1 * (codes - 31.0), np.ones(length), np.zeros(length))
    to = Affine(math.sqrt(length) / 120, 0)
    assert_close(
        layernorm(codes, 0.1, np.ones(length), np.zeros(length), to),
        real,
        to,
        off_by_one(np.ones(1), to),
    )


@pytest.mark.parametrize("scale", [1e-6, 1e-4, 1.0, 1e3])
def test_small_and_large_input_scales(scale: float) -> None:
    rng = np.random.default_rng(2)
    codes = rng.integers(-128, 128, (50, 64), dtype=np.int8)
    gamma, beta = np.ones(64), np.zeros(64)
    real = float_layernorm(scale * (codes - 31.0), gamma, beta)
    to = output_affine(rng, real, gamma)
    assert_close(layernorm(codes, scale, gamma, beta, to), real, to, off_by_one(gamma, to))


def test_negative_and_zero_gamma() -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(-128, 128, (50, 64), dtype=np.int8)
    gamma, beta = rng.uniform(-1.0, 1.0, 64), rng.uniform(-1.0, 1.0, 64)
    gamma[::7] = 0.0
    real = float_layernorm(0.02 * (codes - 31.0), gamma, beta)
    to = output_affine(rng, real, gamma)
    assert_close(layernorm(codes, 0.02, gamma, beta, to), real, to, off_by_one(gamma, to))


@pytest.mark.parametrize("eps", [0, 2**62 - 1])
def test_a_variance_outside_its_range_is_refused(eps: int) -> None:
    codes = np.array([[-128, 127]], np.int8)
    requant, start = requantise([0.001], np.zeros(2, np.int64), np.ones(2, np.int64), 0)
    node = LayerNorm(gamma=np.ones(2, np.int16), start=start, eps=eps, requant=requant, **wires(1))
    with pytest.raises(RangeError, match="variance"):
        run_one(node, [Quantized(codes, Affine(1.0, 0))], (1, 2), Affine(1.0, 0))


def test_bit_length_at_every_power_of_two() -> None:
    values = [2**bits + offset for bits in range(2, 62) for offset in (-1, 0, 1)]
    values += [1, 2, 2**62 - 1]
    lengths = bit_length(torch.tensor(values)).tolist()
    assert lengths == [value.bit_length() for value in values]


def newton(value: int) -> tuple[int, int]:
    """docs/arithmetic.md's iteration in Python's unbounded integers."""
    zeros = (64 - value.bit_length()) & ~1
    v = ((value << zeros) & (2**64 - 1)) >> 32
    r = 2300000000 - ((v >> 2) + (v >> 4))
    for _ in range(3):
        assert 0 < r < 2**32
        u = (((r * r) >> 32) * v) >> 32
        assert u < 3 * 2**28
        r = (r * (3 * 2**28 - u)) >> 29
    return r, 55 - zeros // 2


def test_inverse_sqrt_follows_the_iteration_and_converges() -> None:
    rng = np.random.default_rng(7)
    values = [1, 2, 3, 4, 5, 2**61, 2**62 - 1]
    values += [2**bits + offset for bits in range(3, 62) for offset in (-1, 1)]
    values += [int(2.0**power) for power in rng.uniform(0.0, 61.9, 3000)]
    roots, shifts = inverse_sqrt(torch.tensor(values))
    got = list(zip(roots.tolist(), shifts.tolist(), strict=True))
    assert got == [newton(value) for value in values]
    for value, (root, shift) in zip(values, got, strict=True):
        assert 24 <= shift <= 54
        assert 2**30 - 2**9 < root < 2**31
        assert root * 2.0**-shift == pytest.approx(2.0**7 / math.sqrt(value), rel=2.0**-21)
