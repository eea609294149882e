"""LayerNorm and RMSNorm against float64: every output within one step, whatever epsilon does."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference_cases import Codes, Quantized, Real, assert_close, run_one, wires

from tinyrig.generator.graph.norm import LONGEST_ROW, norm_constants
from tinyrig.generator.graph.ops import LayerNorm
from tinyrig.generator.graph.requant import RangeError
from tinyrig.generator.graph.tensor import Affine

RATIOS = (10.0, 1.0, 0.1, 0.03, 0.01, 1e-3, 1e-4)
LENGTHS = (2, 3, 4, 16, 32, 128, 240, 256, 257, 361, 480, 481, 512, 1000, 1024)


def exact(x: Real, gamma: Real, beta: Real, epsilon: float, centred: bool) -> Real:
    """float64 LayerNorm, or RMSNorm where not centred."""
    if centred:
        x = x - x.mean(axis=-1, keepdims=True)
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + epsilon) * gamma + beta


def made(
    x: Affine, gamma: Real, beta: Real, to: Affine, epsilon: float, centred: bool = True
) -> LayerNorm:
    """The node of the generator's constants."""
    gain, start, normaliser, requant = norm_constants(gamma, beta, x, to, epsilon, centred=centred)
    return LayerNorm(
        gamma=gain,
        start=start,
        normaliser=normaliser,
        requant=requant,
        centred=centred,
        **wires(1),
    )


def worst_steps(
    codes: Codes,
    x: Affine,
    gamma: Real,
    beta: Real,
    to: Affine,
    epsilon: float,
    centred: bool = True,
) -> float:
    """The most output steps by which the reference misses float64, quantized half to even."""
    node = made(x, gamma, beta, to, epsilon, centred)
    given_codes = Quantized(codes, x)
    got = run_one(node, [given_codes], codes.shape, to)
    real = exact(given_codes.real, gamma, beta, epsilon, centred)
    wanted = np.clip(np.rint(real / to.scale) + to.zero_point, -128, 127)
    return float(np.abs(got - wanted).max())


def adversarial_rows(rng: np.random.Generator, length: int) -> Codes:
    """Noise of every width around every mean, one outlier, two halves, constants."""
    rows = [np.full(length, code) for code in (-128, -1, 0, 127)]
    for spread in (1, 2, 5, 20, 60, 128):
        middle = int(rng.integers(-128 + spread, 129 - spread))
        outlier = np.full(length, middle)
        outlier[rng.integers(length)] += spread
        halves = np.where(np.arange(length) % 2 == 0, middle - spread, middle + spread - 1)
        noise = rng.integers(-spread, spread, (3, length))
        rows += [outlier, outlier[::-1], halves, noise[0], middle + noise[1], middle + noise[2]]
    rows += [
        np.where(np.arange(length) == 0, 127, -128),
        np.where(np.arange(length) == 0, -128, 127),
    ]
    return np.clip(np.stack(rows), -128, 127).astype(np.int8)


def gains(rng: np.random.Generator, length: int, decades: float) -> Real:
    """Ones, or both signs with magnitudes over so many decades."""
    if decades == 0.0:
        return np.ones(length)
    return rng.choice([-1.0, 1.0], length) * 10.0 ** rng.uniform(-decades / 2, decades / 2, length)


def zero_point(rng: np.random.Generator) -> int:
    return int(rng.choice([-128, 127, 0, rng.integers(-128, 128)]))


@settings(max_examples=60, deadline=None)
@given(
    length=st.sampled_from(LENGTHS),
    ratio=st.floats(-4.0, 1.0).map(lambda power: 10.0**power),
    decades=st.sampled_from([0.0, 0.5, 2.0, 4.0]),
    bias=st.sampled_from([0.0, 0.1, 1.0, 5.0]),
    finer=st.sampled_from([0.5, 1.0, 1.0, 4.0, 30.0]),
    centred=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@example(16, 0.03, 0.0, 0.0, 1.0, True, 0)
@example(16, 1e-3, 0.0, 0.0, 1.0, True, 1)
@example(2, 1.0, 0.0, 0.0, 1.0, True, 2)
@example(3, 0.1, 0.0, 0.0, 1.0, True, 3)
@example(1024, 1e-4, 4.0, 5.0, 30.0, True, 4)
@example(1024, 1e-4, 4.0, 5.0, 30.0, False, 5)
@example(480, 10.0, 2.0, 1.0, 4.0, True, 6)
@example(361, 10.0, 4.0, 5.0, 0.5, True, 7)
def test_every_output_is_within_one_step(
    length: int,
    ratio: float,
    decades: float,
    bias: float,
    finer: float,
    centred: bool,
    seed: int,
) -> None:
    """One row's standard deviation is `ratio` times sqrt(epsilon), and the output scale its own.

    `finer` divides that scale: then most of the others saturate.
    """
    rng = np.random.default_rng(seed)
    codes = adversarial_rows(rng, length)
    zero = zero_point(rng)
    row = codes[rng.integers(4, len(codes))] - float(zero)
    deviation = (row.std() if centred else float(np.sqrt((row**2).mean()))) or 1.0
    epsilon = 10.0 ** rng.uniform(-12.0, -2.0)
    x = Affine(ratio * math.sqrt(epsilon) / deviation, zero)
    gamma = gains(rng, length, decades)
    plain = exact(x.scale * row, gamma, np.zeros(length), epsilon, centred)
    largest = float(np.abs(plain).max()) or 1.0
    beta = rng.normal(0.0, bias * largest, length) if bias else np.zeros(length)
    to = Affine(max(largest, float(np.abs(beta).max())) / 127.0 / finer, zero_point(rng))
    assert worst_steps(codes, x, gamma, beta, to, epsilon, centred) <= 1.0


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("length", LENGTHS)
def test_every_ratio_and_length(length: int, ratio: float, centred: bool) -> None:
    """Rows of one spread and constant ones, the output's scale that of the rows."""
    rng = np.random.default_rng(length)
    codes = rng.integers(-127, 128, (12, length), dtype=np.int8)
    codes[0], codes[1] = 5, -128
    epsilon = 1e-5
    x = Affine(ratio * math.sqrt(epsilon) / 74.0, 0)
    gamma, beta = rng.uniform(-1.5, 1.5, length), rng.uniform(-0.3, 0.3, length)
    real = exact(x.scale * codes, gamma, np.zeros(length), epsilon, centred)
    beta *= float(np.abs(real).max())
    to = Affine(float(np.abs(real + beta).max()) / 127.0, 0)
    assert worst_steps(codes, x, gamma, beta, to, epsilon, centred) <= 1.0


@pytest.mark.parametrize("epsilon", [0.0, 1e-30, 1e-5, 1e20])
@pytest.mark.parametrize("scale", [1e-18, 1e-9, 1.0, 1e9])
def test_scales_and_epsilons_of_any_size(scale: float, epsilon: float) -> None:
    """Where epsilon leaves 62 bits V is as good as nothing, and where it is lost it is nothing."""
    rng = np.random.default_rng(2)
    codes = rng.integers(-128, 128, (50, 64), dtype=np.int8)
    gamma, beta = np.linspace(-1.0, 1.0, 64), np.zeros(64)
    real = exact(scale * (codes - 31.0), gamma, beta, epsilon, True)
    to = Affine(float(np.abs(real).max()) / 100.0, 3)
    assert worst_steps(codes, Affine(scale, 31), gamma, beta, to, epsilon) <= 1.0


@pytest.mark.parametrize("code", [-128, -1, 0, 127])
@pytest.mark.parametrize("length", [1, 2, 4096])
@pytest.mark.parametrize("epsilon", [0.0, 1e-12, 1e-5, 1.0])
def test_a_constant_row_gives_beta(code: int, length: int, epsilon: float) -> None:
    codes = np.full((2, length), code, np.int8)
    beta = np.linspace(-1.0, 1.0, length)
    to = Affine(1 / 100, 0)
    node = made(Affine(0.05, 31), np.ones(length), beta, to, epsilon)
    got = run_one(node, [Quantized(codes, Affine(0.05, 31))], codes.shape, to)
    assert_close(got, np.broadcast_to(beta, codes.shape), to, 0.01)


def test_outputs_differ_from_exact_rounding_at_ties_only() -> None:
    """Of usual rows and gains: neither the normalised value nor gamma costs a share of a step."""
    rng = np.random.default_rng(3)
    codes = rng.integers(-128, 128, (400, 64), dtype=np.int8)
    gamma, beta = rng.uniform(-1.0, 1.0, 64), rng.uniform(-1.0, 1.0, 64)
    gamma[::7] = 0.0
    x = Affine(0.02, 31)
    real = exact(0.02 * (codes - 31.0), gamma, beta, 1e-5, True)
    to = Affine(float(np.abs(real).max()) / 127.0, 0)
    got = run_one(made(x, gamma, beta, to, 1e-5), [Quantized(codes, x)], codes.shape, to)
    assert_close(got, real, to, 0.004)


def test_the_fastest_way_is_taken_for_usual_layers() -> None:
    """V of 32 bits, gamma of 16, and the upper half of the accumulator."""
    for length in (16, 32, 128, 480):
        node = made(Affine(0.05, 3), np.ones(length), np.zeros(length), Affine(0.03, 0), 1e-5)
        norm = node.normaliser
        assert (127.5 * length) ** 2 * 2.0**norm.fraction + norm.eps < 2**32
        assert not np.any(node.gamma % 2**16)
        assert node.requant.narrow and list(node.requant.multiplier) == [1 << 16]


@pytest.mark.parametrize(
    ("length", "epsilon", "gain"),
    [(LONGEST_ROW + 1, 1e-5, 1.0), (8, -1.0, 1.0), (8, math.inf, 1.0), (8, 1e-5, 1e9)],
)
def test_what_cannot_be_kept_is_refused(length: int, epsilon: float, gain: float) -> None:
    with pytest.raises(RangeError):
        made(Affine(0.1, 0), np.full(length, gain), np.zeros(length), Affine(0.1, 0), epsilon)


@pytest.mark.parametrize("eps", [0, 2**62 - 1])
def test_a_variance_outside_its_range_is_refused(eps: int) -> None:
    codes = np.array([[-128, 127]], np.int8)
    node = made(Affine(1.0, 0), np.ones(2), np.zeros(2), Affine(1.0, 0), 1e-5)
    node = replace(node, normaliser=replace(node.normaliser, eps=eps))
    with pytest.raises(RangeError, match="variance"):
        run_one(node, [Quantized(codes, Affine(1.0, 0))], (1, 2), Affine(1.0, 0))
