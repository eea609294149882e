"""Convolutions with drawn constants, of windows that a test says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import Operand


def image_size(
    out: Sequence[int], taps: Sequence[int], step: Sequence[int], pads: Sequence[int]
) -> tuple[int, int]:
    """Height and width of the least image that gives so many outputs."""
    height, width = ((out[i] - 1) * step[i] + taps[i] - 2 * pads[i] for i in (0, 1))
    return max(height, 1), max(width, 1)


def channels_last(batch: int, size: Sequence[int], channels: int, gap: int = 0) -> Operand:
    """Images [batch, channels, height, width] whose cells lie `gap` bytes apart."""
    height, width = size
    step = channels + gap
    strides = (height * width * step, 1, width * step, step)
    return Operand((batch, channels, height, width), strides, 0, batch * height * width * step)


def window_layer(
    rng: np.random.Generator,
    x: Operand,
    y: Operand,
    taps: Sequence[int],
    step: Sequence[int],
    pads: Sequence[int],
    *,
    groups: int = 1,
    lo: int = -128,
    lut: NDArray[np.int8] | None = None,
) -> Case:
    """A convolution of images x to y, whose outputs end in a high multiply."""
    batch, depth, *image = x.shape
    _, channels, *out = y.shape
    window = {"batch": batch, "in_c": depth, "in_h": image[0], "in_w": image[1]}
    window |= {"out_c": channels, "out_h": out[0], "out_w": out[1]}
    window |= {"kernel_h": taps[0], "kernel_w": taps[1], "stride_h": step[0], "stride_w": step[1]}
    window |= {"pad_top": pads[0], "pad_left": pads[1]}
    window |= {"x_stride": list(x.strides), "y_stride": list(y.strides)}
    form = {"multiplier": rng.integers(1, 2**24, size=channels).astype(np.int32)}
    form |= {"channel_step": 1, "shift": 32, "narrow": 1, "zero_point": 0, "lo": lo, "hi": 127}
    params = {"window": window, "groups": groups, "x_zero_point": -7, "lut": lut, "requant": form}
    size = (channels, *taps, depth // groups)
    params |= {"weight": rng.integers(-128, 128, size=size, dtype=np.int8)}
    params |= {"start": rng.integers(-(2**12), 2**12, size=channels).astype(np.int32)}
    values = (rng.integers(-128, 128, size=x.size, dtype=np.int8),)
    misalign = tuple(int(m) for m in rng.integers(0, 4, size=2))
    return Case("conv2d_s8", params, (x,), values, y, misalign)


Sizes = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int], int]
"""Of a depthwise layer: outputs, taps, strides and padding [h, w], and channels."""


def depthwise_layers(limits: Sequence[Sizes]) -> Iterator[Case]:
    """Layers of all sizes, plain and clamped."""
    for seed, sizes in enumerate(limits):
        for form in ("plain", "clamped"):
            yield depthwise_layer(sizes, form, seed)


def depthwise_layer(sizes: Sizes, form: str, seed: int) -> Case:
    """A depthwise layer: plain, clamped, or with a table."""
    out, taps, step, pads, channels = sizes
    rng = np.random.default_rng(seed)
    x = channels_last(2, image_size(out, taps, step, pads), channels, seed % 3)
    y = channels_last(2, out, channels, seed % 2)
    lo = -100 if form == "clamped" else -128
    table = rng.integers(-128, 128, size=256, dtype=np.int8) if form == "table" else None
    return window_layer(rng, x, y, taps, step, pads, groups=channels, lo=lo, lut=table)
