"""Softmax, attention and the row scale against float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import (
    Quantized,
    Real,
    assert_close,
    fitted_affine,
    random_quantized,
    run_one,
    wires,
)

from tinyrig.generator.graph.exponentials import exp_table, softmax_tables, weight_top
from tinyrig.generator.graph.ops import Attention, MatMul, Softmax
from tinyrig.generator.graph.requant import RangeError, RowScale, requantise, row_scale
from tinyrig.generator.graph.tensor import Affine
from tinyrig.suite.reference.requant import row_scaled

SEEDS = st.integers(0, 2**32 - 1)
PROBABILITY = Affine(1.0 / 256.0, -128)


def float_softmax(x: Real, axis: int = -1) -> Real:
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def softmax_node(scale: float, length: int, axis: int, to: Affine) -> Softmax:
    return Softmax(axis=axis, **vars(softmax_tables(scale, length, to.scale)), **wires(1))


@settings(max_examples=40)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.data(),
    st.floats(1e-4, 2.0),
    SEEDS,
)
def test_softmax_rounds_like_float64_over_any_axis(
    shape: list[int], data: st.DataObject, scale: float, seed: int
) -> None:
    axis = data.draw(st.integers(0, len(shape) - 1))
    codes = np.random.default_rng(seed).integers(-128, 128, shape, dtype=np.int8)
    x = Quantized(codes, Affine(scale, 17))
    got = run_one(softmax_node(scale, shape[axis], axis, PROBABILITY), [x], shape, PROBABILITY)
    assert_close(got, float_softmax(x.real, axis), PROBABILITY, 0.01)


@pytest.mark.parametrize("length", [1, 2, 3, 16, 64, 197, 256])
@pytest.mark.parametrize("scale", [0.001, 0.02, 0.1, 1.0])
def test_softmax_of_random_rows(length: int, scale: float) -> None:
    codes = np.random.default_rng(length).integers(-128, 128, (200, length), dtype=np.int8)
    x = Quantized(codes, Affine(scale, 0))
    got = run_one(softmax_node(scale, length, 1, PROBABILITY), [x], codes.shape, PROBABILITY)
    assert_close(got, float_softmax(x.real), PROBABILITY, 0.01)


@pytest.mark.parametrize("code", [-128, 0, 127])
@pytest.mark.parametrize("length", [1, 2, 3, 100, 257, 4096])
def test_a_constant_row_is_uniform(code: int, length: int) -> None:
    x = Quantized(np.full((1, length), code, np.int8), Affine(0.1, 0))
    to = Affine(1.0 / (255 * min(length, 257)), -128)
    got = run_one(softmax_node(0.1, length, 1, to), [x], (1, length), to)
    assert np.all(got == round(1.0 / (length * to.scale)) - 128)


@pytest.mark.parametrize("scale", [1e-6, 100.0])
def test_scales_so_small_or_large_that_the_table_is_flat_or_a_step(scale: float) -> None:
    x = Quantized(np.array([[-128, 127, 0, 127]], np.int8), Affine(scale, 0))
    got = run_one(softmax_node(scale, 4, 1, PROBABILITY), [x], (1, 4), PROBABILITY)
    assert_close(got, float_softmax(x.real), PROBABILITY, 0.0)


@pytest.mark.parametrize("step", [1 / 256, 0.01, 0.52 / 255])
@pytest.mark.parametrize("length", [2, 64, 128, 129, 257, 512, 1024])
@pytest.mark.parametrize("scale", [0.02, 0.1, 0.7])
def test_one_maximum_over_an_equal_tail_is_within_a_step(
    scale: float, length: int, step: float
) -> None:
    """The row whose sum the table's own rounding moves most, at every depth of its tail."""
    codes = np.repeat(127 - np.arange(256).reshape(-1, 1), length, axis=1).astype(np.int8)
    codes[:, length // 2] = 127
    x, to = Quantized(codes, Affine(scale, 0)), Affine(step, -128)
    got = run_one(softmax_node(scale, length, 1, to), [x], codes.shape, to)
    exact = np.clip(float_softmax(x.real) / step - 128, -128, 127)
    assert np.abs(got - exact).max() < 1.02


def scaled_by(scale: RowScale, acc: int, total: int) -> int:
    rows = row_scaled(torch.tensor([[acc]]), torch.tensor([[total]]), scale, "n")
    return int(rows.item())


@settings(max_examples=300)
@given(
    st.integers(1, 2**31 - 1),
    st.floats(0.01, 100.0),
    st.sampled_from((-1, 1)),
    st.floats(1.0, 120.0),
)
def test_row_scale_is_within_a_hundredth_of_a_step(
    total: int, real: float, sign: int, steps: float
) -> None:
    acc = sign * math.floor(steps * total / real)
    scale = RowScale(*mantissa_and_exponent(real))
    shift = scale.exponent - (32 - total.bit_length()) - 1
    if abs(acc) >= 2**31 or not 1 <= shift <= 31:
        return
    exact = acc * real / total
    # One unit of the high product's floor is 2^-shift of a step.
    assert abs(scaled_by(scale, acc, total) - exact) <= 0.5 + 0.01 + 2.0**-shift


def mantissa_and_exponent(real: float) -> tuple[int, int]:
    fraction, exponent = math.frexp(real)
    return math.floor(fraction * 2.0**31), 31 - exponent


def test_row_scale_is_bit_exact() -> None:
    """Every bit, at the finest shift, in Python's integers: powers of two and random sums."""
    powers = {2**bits + offset for bits in range(1, 31) for offset in (-1, 0, 1)}
    acc, mantissa = 2**31 - 1, 2**31 - 12345
    for total in powers | set(np.random.default_rng(1).integers(1, 2**31, 500).tolist()):
        zeros = 32 - total.bit_length()
        divisor = (((total << zeros) >> 15) + 1) >> 1
        multiplier = (mantissa * (2**31 // divisor)) >> 16
        for sign in (1, -1):
            expected = ((sign * acc * multiplier >> 32) + 1) >> 1
            assert scaled_by(RowScale(mantissa, zeros + 2), sign * acc, total) == expected


@pytest.mark.parametrize("exponent", [17, 60])
def test_a_shift_outside_its_range_is_refused(exponent: int) -> None:
    with pytest.raises(RangeError, match=r"outside 1\.\.31"):
        scaled_by(RowScale(2**30, exponent), 5, 2**15)


def attention_case(
    rng: np.random.Generator,
    lead: tuple[int, ...],
    sizes: tuple[int, int, int, int],
    score_scale: float,
) -> tuple[Attention, MatMul, list[Quantized], Affine, Real, Affine]:
    """The node, its score stage as a MatMul, the operands, and the float64 answer.

    The answer starts from the int8 scores, which the operator's definition rounds to.
    """
    s, t, p, r = sizes
    q, k, v = (random_quantized(rng, (*lead, *shape)) for shape in ((s, p), (t, p), (t, r)))
    score_to = Affine(score_scale, int(rng.integers(-20, 21)))
    # Scores of up to 60 to 120 steps: a reach of 255 * 255 * p is never met by random codes.
    real_score = float(rng.uniform(60.0, 120.0)) / (128.0 * 128.0 * p)
    requant, start = requantise(
        [real_score], np.zeros(1, np.int64), np.array([p * 255**2]), score_to.zero_point
    )
    scores = MatMul(start=int(start[0]), requant=requant, **wires(2))
    turned = Quantized(np.ascontiguousarray(k.codes.swapaxes(-1, -2)), k.affine)
    codes = run_one(scores, [q, turned], (*lead, s, t), score_to)
    real = float_softmax(Quantized(codes, score_to).real) @ v.real
    to = fitted_affine(rng, real)
    table = exp_table(score_scale, weight_top(t, v.affine.zero_point))
    node = Attention(
        score_start=int(start[0]),
        score=requant,
        score_scale=score_scale,
        exp=table,
        value=row_scale(v.affine.scale / to.scale, int(table[0]), t),
        **wires(3),
    )
    return node, scores, [q, k, v], to, real, score_to


@settings(max_examples=40)
@given(
    st.sampled_from([(), (2,), (2, 3)]),
    st.tuples(*(st.integers(1, 20) for _ in range(4))),
    st.floats(0.001, 0.5),
    SEEDS,
)
def test_attention_rounds_like_float64(
    lead: tuple[int, ...], sizes: tuple[int, int, int, int], score_scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    node, _, operands, to, real, _ = attention_case(rng, lead, sizes, score_scale)
    assert_close(run_one(node, operands, real.shape, to), real, to, 0.03)


def test_attention_over_one_key_returns_its_value() -> None:
    rng = np.random.default_rng(8)
    v = random_quantized(rng, (1, 6))
    q, k = (random_quantized(rng, (4, 3)), random_quantized(rng, (1, 3)))
    table = exp_table(0.1, weight_top(1, v.affine.zero_point))
    node = Attention(
        score_start=0,
        score=requantise([0.001], np.zeros(1, np.int64), np.array([3 * 255**2]), 0)[0],
        score_scale=0.1,
        exp=table,
        value=row_scale(1.0, int(table[0]), 1),
        **wires(3),
    )
    got = run_one(node, [q, k, v], (4, 6), v.affine)
    assert np.array_equal(got, np.broadcast_to(v.codes, (4, 6)))


@pytest.mark.parametrize("code", [-128, 127])
@pytest.mark.parametrize("length", [2, 257, 4096])
def test_attention_of_extreme_constant_operands(code: int, length: int) -> None:
    """Constant keys average the values, at the largest accumulators int32 must hold."""
    q = Quantized(np.full((2, 4), code, np.int8), Affine(0.05, -1 - code))
    k = Quantized(np.full((length, 4), code, np.int8), Affine(0.05, -1 - code))
    v = Quantized(np.full((length, 3), code, np.int8), Affine(0.1, -1 - code))
    to = Affine(255 * 0.1 / 120, 0)
    table = exp_table(0.05, weight_top(length, v.affine.zero_point))
    node = Attention(
        score_start=0,
        score=requantise([0.0001], np.zeros(1, np.int64), np.array([4 * 255**2]), 0)[0],
        score_scale=0.05,
        exp=table,
        value=row_scale(v.affine.scale / to.scale, int(table[0]), length),
        **wires(3),
    )
    got = run_one(node, [q, k, v], (2, 3), to)
    assert np.all(got == (120 if code > 0 else -120))


def test_attention_clamps_its_output() -> None:
    rng = np.random.default_rng(9)
    node, _, operands, to, real, _ = attention_case(rng, (2,), (5, 6, 4, 3), 0.05)
    clamped = Attention(**(vars(node) | {"lo": -20, "hi": 30}))
    free = run_one(node, operands, real.shape, to)
    assert free.min() < -20 and free.max() > 30
    expected = np.clip(free, -20, 30)
    assert np.array_equal(run_one(clamped, operands, real.shape, to), expected)
