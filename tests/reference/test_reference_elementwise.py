"""Elementwise operators, pooling and means against float64."""

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
    rounding_fraction,
    run_one,
    windowed_shape,
    wires,
)
from torch.nn import functional

from tinyrig.generator.graph.ops import Add, AvgPool, MaxPool, Mean, Mul, Unary, Window
from tinyrig.generator.graph.requant import RangeError, requantise, wide_shift
from tinyrig.generator.graph.tensor import Affine

SEEDS = st.integers(0, 2**32 - 1)
BROADCASTS = st.sampled_from(
    [((3, 4), (3, 4)), ((2, 5, 7), (7,)), ((2, 1, 7), (1, 5, 1)), ((6,), ()), ((1, 1), (4, 9))]
)


def add_node(a: Affine, b: Affine, to: Affine, sign: int, clamp: tuple[int, int]) -> Add:
    """Add's constants by docs/arithmetic.md."""
    ra, rb = a.scale / to.scale, sign * b.scale / to.scale
    offset = to.zero_point - ra * a.zero_point - rb * b.zero_point + 0.5
    for shift in range(24, -1, -1):
        ma, mb, start = (math.floor(v * 2.0**shift + 0.5) for v in (ra, rb, offset))
        if 128 * (abs(ma) + abs(mb)) + abs(start) < 2**31:
            break
    return Add(
        a_multiplier=ma,
        b_multiplier=mb,
        start=start,
        shift=shift,
        lo=clamp[0],
        hi=clamp[1],
        **wires(2),
    )


@settings(max_examples=40)
@given(BROADCASTS, st.sampled_from((1, -1)), st.booleans(), SEEDS)
def test_add_and_subtract_round_like_float64(
    shapes: tuple[tuple[int, ...], tuple[int, ...]], sign: int, relu: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a, b = (random_quantized(rng, shape) for shape in shapes)
    real = a.real + sign * b.real
    to = fitted_affine(rng, real)
    clamp = (to.zero_point, 127) if relu else (-128, 127)
    got = run_one(add_node(a.affine, b.affine, to, sign, clamp), [a, b], real.shape, to)
    assert_close(got, real, to, 1e-3, clamp)


@pytest.mark.parametrize("ratio", [2.0**-12, 1.0, 500.0])
def test_add_of_every_pair_of_codes(ratio: float) -> None:
    codes = np.arange(-128, 128, dtype=np.int8)
    a = Quantized(codes[:, None], Affine(0.02, 5))
    b = Quantized(codes[None, :], Affine(0.02 * ratio, -128))
    to = Affine(0.02 * max(1.0, ratio) * 1.7, 9)
    node = add_node(a.affine, b.affine, to, 1, (-128, 127))
    assert_close(run_one(node, [a, b], (256, 256), to), a.real + b.real, to, 1e-3)


@settings(max_examples=40)
@given(BROADCASTS, st.floats(20.0, 4000.0), SEEDS)
def test_mul_rounds_like_float64(
    shapes: tuple[tuple[int, ...], tuple[int, ...]], steps: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a, b = (random_quantized(rng, shape) for shape in shapes)
    real = a.real * b.real
    to = fitted_affine(rng, real, steps)
    multiplier = a.affine.scale * b.affine.scale / to.scale
    requant, start = requantise(
        [multiplier], np.zeros(1, np.int64), np.array([255**2]), to.zero_point
    )
    got = run_one(Mul(start=int(start[0]), requant=requant, **wires(2)), [a, b], real.shape, to)
    assert_close(got, real, to, rounding_fraction(requant, multiplier))


def test_unary_reads_the_table_of_every_code() -> None:
    x = Quantized(np.arange(-128, 128, dtype=np.int8), Affine(0.05, 3))
    to = Affine(0.02, -100)
    real = np.tanh(x.real)
    lut = np.clip(np.rint(real / to.scale) + to.zero_point, -128, 127).astype(np.int8)
    lut.flags.writeable = False
    assert_close(run_one(Unary(lut=lut, **wires(1)), [x], (256,), to), real, to, 0.0)


@settings(max_examples=40)
@given(
    st.sampled_from([(1,), (0,), (1, 2), (2, 3), (0, 1, 2, 3)]),
    st.booleans(),
    st.floats(20.0, 1000.0),
    SEEDS,
)
def test_mean_rounds_like_float64(
    axes: tuple[int, ...], keepdims: bool, steps: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x = random_quantized(rng, (2, 3, 7, 5))
    real = np.asarray(x.real.mean(axis=axes, keepdims=keepdims))
    to = fitted_affine(rng, real, steps)
    count = math.prod(x.codes.shape[axis] for axis in axes)
    multiplier = x.affine.scale / (count * to.scale)
    requant, start = requantise(
        [multiplier],
        np.array([-count * x.affine.zero_point]),
        np.array([128 * count]),
        to.zero_point,
    )
    node = Mean(axes=axes, keepdims=keepdims, start=int(start[0]), requant=requant, **wires(1))
    got = run_one(node, [x], real.shape, to)
    assert_close(got, real, to, rounding_fraction(requant, multiplier))


@st.composite
def pools(draw: st.DrawFn) -> Window:
    height, width = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    return Window(
        kernel=(height, width),
        strides=(draw(st.integers(1, 3)), draw(st.integers(1, 3))),
        pads=(
            draw(st.integers(0, height - 1)),
            draw(st.integers(0, width - 1)),
            draw(st.integers(0, height - 1)),
            draw(st.integers(0, width - 1)),
        ),
    )


def unfolded(x: Real, window: Window, outside: float) -> Real:
    """Cells of each window [N, C, positions, kh * kw] by PyTorch's own unfold."""
    top, left, bottom, right = window.pads
    padded = functional.pad(torch.from_numpy(x), (left, right, top, bottom), value=outside)
    cells = functional.unfold(padded, window.kernel, stride=window.strides)
    batch, channels = x.shape[:2]
    kernel = math.prod(window.kernel)
    return cells.reshape(batch, channels, kernel, -1).transpose(2, 3).numpy()


@settings(max_examples=40)
@given(pools(), st.booleans(), SEEDS)
def test_avgpool_rounds_like_float64(window: Window, include_pad: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = random_quantized(rng, (2, 3, 6, 5))
    total = unfolded(x.real, window, 0.0).sum(axis=-1)
    inside = unfolded(np.ones_like(x.real), window, 0.0).sum(axis=-1)
    kernel = math.prod(window.kernel)
    shape = windowed_shape(x.codes.shape, 3, window)
    real = (total / (kernel if include_pad else inside)).reshape(shape)
    to = fitted_affine(rng, real)
    shift = wide_shift(x.affine.scale / to.scale)
    counts = np.arange(1, kernel + 1)
    multiplier = np.rint(x.affine.scale / (counts * to.scale) * 2.0**shift).astype(np.int32)
    node = AvgPool(
        window=window,
        count_include_pad=include_pad,
        multiplier=multiplier,
        shift=shift,
        **wires(1),
    )
    assert_close(run_one(node, [x], shape, to), real, to, 1e-3)


@settings(max_examples=40)
@given(pools(), SEEDS)
def test_maxpool_is_exact(window: Window, seed: int) -> None:
    x = random_quantized(np.random.default_rng(seed), (2, 3, 6, 5))
    shape = windowed_shape(x.codes.shape, 3, window)
    expected = unfolded(x.codes.astype(np.float64), window, -np.inf).max(axis=-1).reshape(shape)
    got = run_one(MaxPool(window=window, **wires(1)), [x], shape, x.affine)
    assert np.array_equal(got, expected)


def test_one_dimensional_pools_are_two_dimensional_pools_of_height_one() -> None:
    x = random_quantized(np.random.default_rng(5), (2, 3, 9))
    window = Window(kernel=(1, 3), strides=(1, 2), pads=(0, 1, 0, 1))
    tall = Quantized(x.codes[:, :, None], x.affine)
    multiplier = np.rint(2.0**30 / np.arange(1, 4)).astype(np.int32)
    average = AvgPool(
        window=window, count_include_pad=False, multiplier=multiplier, shift=30, **wires(1)
    )
    for node in (MaxPool(window=window, **wires(1)), average):
        flat = run_one(node, [x], (2, 3, 5), x.affine)
        assert np.array_equal(flat, run_one(node, [tall], (2, 3, 1, 5), x.affine)[:, :, 0])


def test_a_window_wholly_outside_the_image_is_refused() -> None:
    x = random_quantized(np.random.default_rng(6), (1, 1, 4, 4))
    node = MaxPool(window=Window(kernel=(2, 2), pads=(2, 0, 0, 0)), **wires(1))
    with pytest.raises(RangeError, match="outside the image"):
        run_one(node, [x], (1, 1, 5, 3), x.affine)
