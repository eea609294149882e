"""Convolution against float64 convolution."""

from __future__ import annotations

import numpy as np
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

from tinyrig.generator.graph.ops import Conv, Linear, Window
from tinyrig.generator.graph.requant import Requant, requantise
from tinyrig.generator.graph.tensor import Affine


@st.composite
def geometries(draw: st.DrawFn) -> Window:
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    high, wide = (st.integers(0, extent - 1) for extent in kernel)
    pads = draw(st.tuples(high, wide, high, wide))
    return Window(
        kernel=kernel,
        strides=draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        pads=pads,
    )


def float_conv(x: Real, weight: Real, window: Window, groups: int) -> Real:
    """PyTorch's float64 convolution of [N, C, H, W]; weight in the graph's order."""
    top, left, bottom, right = window.pads
    padded = functional.pad(torch.from_numpy(x), (left, right, top, bottom))
    kernel = torch.from_numpy(np.ascontiguousarray(np.moveaxis(weight, -1, 1)))
    return functional.conv2d(padded, kernel, stride=window.strides, groups=groups).numpy()


def check(
    rng: np.random.Generator, x: Quantized, out_per_group: int, groups: int, window: Window
) -> None:
    channels = out_per_group * groups
    depth = x.codes.shape[1] // groups
    weight = rng.integers(-127, 128, (channels, *window.kernel, depth), dtype=np.int8)
    scales = rng.uniform(0.001, 0.02, channels)
    bias = rng.integers(-3000, 3001, channels)
    image = x.real if x.codes.ndim == 4 else x.real[:, :, None]
    real = float_conv(image, weight * scales[:, None, None, None], window, groups)
    real += (bias * x.affine.scale * scales)[:, None, None]
    shape = windowed_shape(x.codes.shape, channels, window)
    real = real.reshape(shape)
    to = fitted_affine(rng, real)
    sums = weight.astype(np.int64).reshape(channels, -1)
    multiplier = x.affine.scale * scales / to.scale
    requant, start = requantise(
        multiplier,
        bias - x.affine.zero_point * sums.sum(axis=1),
        128 * np.abs(sums).sum(axis=1),
        to.zero_point,
    )
    node = Conv(
        weight=weight, start=start, requant=requant, window=window, groups=groups, **wires(1)
    )
    got = run_one(node, [x], shape, to)
    assert_close(got, real, to, rounding_fraction(requant, float(multiplier.max())))


@settings(max_examples=40)
@given(
    geometries(),
    st.integers(1, 2),
    st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(4, 9), st.integers(4, 9)),
    st.integers(0, 2**32 - 1),
)
def test_conv2d_with_groups_rounds_like_float64(
    window: Window, batch: int, channels: tuple[int, int, int], size: tuple[int, int], seed: int
) -> None:
    groups, depth, out_per_group = channels
    rng = np.random.default_rng(seed)
    x = random_quantized(rng, (batch, groups * depth, *size))
    check(rng, x, out_per_group, groups, window)


@settings(max_examples=25)
@given(
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(5, 30),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_conv1d_and_depthwise_round_like_float64(
    kernel: int, stride: int, width: int, depthwise: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    window = Window(kernel=(1, kernel), strides=(1, stride), pads=(0, kernel - 1, 0, kernel // 2))
    x = random_quantized(rng, (2, 6, width))
    check(rng, x, 1 if depthwise else 4, 6 if depthwise else 1, window)


def test_a_cell_outside_the_image_is_real_zero() -> None:
    """With x at its zero point everywhere, padding must be invisible."""
    x = Quantized(np.full((1, 2, 4, 4), 37, np.int8), Affine(0.1, 37))
    weight = np.random.default_rng(0).integers(-127, 128, (3, 3, 3, 2), dtype=np.int8)
    start = -37 * weight.reshape(3, -1).astype(np.int32).sum(axis=1, dtype=np.int32)
    requant = Requant(np.array([2**30], np.int32), 32, False, -11)
    window = Window(kernel=(3, 3), pads=(1, 1, 1, 1))
    node = Conv(weight=weight, start=start, requant=requant, window=window, **wires(1))
    assert np.all(run_one(node, [x], (1, 3, 4, 4), Affine(1.0, -11)) == -11)


def test_a_pointwise_conv_is_a_linear_over_channels() -> None:
    rng = np.random.default_rng(1)
    x = random_quantized(rng, (2, 5, 3, 4))
    weight = rng.integers(-127, 128, (7, 5), dtype=np.int8)
    start = rng.integers(-999, 999, 7).astype(np.int32)
    requant = Requant(rng.integers(2**20, 2**25, 7).astype(np.int32), 32, False, 3)
    lut = rng.permutation(np.arange(-128, 128)).astype(np.int8)
    to = Affine(1.0, 3)
    conv = Conv(
        weight=weight[:, None, None, :],
        start=start,
        requant=requant,
        window=Window(kernel=(1, 1)),
        lut=lut,
        **wires(1),
    )
    linear = Linear(weight=weight, start=start, requant=requant, lut=lut, **wires(1))
    rows = Quantized(np.ascontiguousarray(np.moveaxis(x.codes, 1, -1)), x.affine)
    expected = np.moveaxis(run_one(linear, [rows], (2, 3, 4, 7), to), -1, 1)
    assert np.array_equal(run_one(conv, [x], (2, 7, 3, 4), to), expected)
