"""Winograd's form answers as the direct one up to the last sum below 2^29, and takes none above."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import execute

from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.kernels.checking.arguments import planned
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import Operand

_KERNELS = {k.name: k for k in all_kernels() if k.op == "conv2d_s8"}
_WINOGRAD = [kernel for kernel in _KERNELS.values() if kernel.pack == "winograd"]
_LAST = 3640  # channels for which 9 * 128 * 128 a channel stays below 2^29


def _deep(channels: int, image: tuple[int, int], x: int, w: int, start: int = 0) -> Case:
    """A 3x3 convolution, padded by one, of two outputs, every cell and every weight the same."""
    height, width = image
    into = Operand(
        (1, channels, *image),
        (channels * height * width, 1, channels * width, channels),
        0,
        channels * height * width,
    )
    out = Operand((1, 2, *image), (2 * height * width, 1, 2 * width, 2), 0, 2 * height * width)
    window: dict[str, Any] = {"batch": 1, "in_c": channels, "in_h": height, "in_w": width}
    window |= {"out_c": 2, "out_h": height, "out_w": width, "kernel_h": 3, "kernel_w": 3}
    window |= {"stride_h": 1, "stride_w": 1, "pad_top": 1, "pad_left": 1}
    window |= {"x_stride": list(into.strides), "y_stride": list(out.strides)}
    weight = np.full((2, 3, 3, channels), w, np.int8)
    requant = {"multiplier": np.full(1, 977, np.int32), "channel_step": 0, "shift": 32}
    requant |= {"narrow": 1, "zero_point": 0, "lo": -128, "hi": 127}
    params = {"window": window, "groups": 1, "x_zero_point": x, "weight": weight}
    params |= {"start": np.full(2, start, np.int32), "requant": requant, "lut": None}
    values = (np.full(into.size, x, np.int8),)
    return Case("conv2d_s8", params, (into,), values, out, (1, 3))


@pytest.mark.parametrize("x", [-128, 127])
@pytest.mark.parametrize("w", [-128, 127])
def test_the_largest_sums_are_exact(library: ctypes.CDLL, x: int, w: int) -> None:
    case = _deep(_LAST, (2, 3), x, w, start=12345)
    expected = execute(library, _KERNELS["tr_conv2d_s8__ref"], case)
    for kernel in _WINOGRAD:
        assert kernel.accepts(planned(case))
        np.testing.assert_array_equal(execute(library, kernel, case), expected)


def test_sums_that_could_reach_2_to_the_29_are_refused() -> None:
    assert 9 * 128 * 128 * _LAST < 2**29 <= 9 * 128 * 128 * (_LAST + 8)
    for kernel in _WINOGRAD:
        assert not kernel.accepts(planned(_deep(_LAST + 8, (1, 1), 0, 0)))


@settings(max_examples=12, deadline=None)
@given(image=st.tuples(st.integers(1, 9), st.integers(1, 9)), w=st.integers(-128, 127))
@example(image=(1, 1), w=-128)
@example(image=(2, 1), w=1)
@example(image=(4, 4), w=127)
@example(image=(3, 5), w=-1)
@example(image=(8, 6), w=3)
@example(image=(5, 9), w=2)
def test_tiles_half_outside_the_image(library: ctypes.CDLL, image: tuple[int, int], w: int) -> None:
    case = _deep(16, image, -77, w, start=-1_000_000)
    expected = execute(library, _KERNELS["tr_conv2d_s8__ref"], case)
    for kernel in _WINOGRAD:
        np.testing.assert_array_equal(execute(library, kernel, case), expected)
