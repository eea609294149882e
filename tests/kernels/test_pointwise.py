"""Convolutions of one cell, whose windows lie in x as they are, however far apart."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import execute, expect, planned

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case, build, int8s, requant
from tinyrig.suite.studies.kernels.checking.operand import Operand

CONVOLUTIONS = [kernel for kernel in all_kernels() if kernel.op == "conv2d_s8"]


def pointwise(image: tuple[int, int], channels: tuple[int, int], gap: int, seed: int) -> Case:
    """A convolution of one cell over NHWC cells that are `gap` bytes more apart than channels."""
    rng = np.random.default_rng(seed)
    (height, width), (in_c, out_c) = image, channels
    cell, size = in_c + gap, height * width
    x = Operand((1, in_c, *image), (cell * size, 1, cell * width, cell), 0, cell * size)
    y = Operand((1, out_c, *image), (out_c * size, 1, out_c * width, out_c), 0, out_c * size)
    window = {"batch": 1, "in_c": in_c, "in_h": height, "in_w": width}
    window |= {"out_c": out_c, "out_h": height, "out_w": width, "kernel_h": 1, "kernel_w": 1}
    window |= {"stride_h": 1, "stride_w": 1, "pad_top": 0, "pad_left": 0}
    strides = {"x_stride": list(x.strides), "y_stride": list(y.strides)}
    form, start = requant(rng, in_c * 2**14, out_c)
    params = {"window": window | strides, "groups": 1, "x_zero_point": 3}
    params |= {"weight": int8s(rng, out_c, 1, 1, in_c), "start": start}
    params |= {"requant": form | {"lo": -128, "hi": 127}, "lut": None}
    return build(rng, "conv2d_s8", params, [x], y)


@pytest.mark.parametrize("kernel", CONVOLUTIONS, ids=lambda kernel: kernel.name)
@settings(max_examples=10, deadline=None)
@given(
    image=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    channels=st.tuples(st.sampled_from([8, 9, 16, 36]), st.sampled_from([4, 5, 8])),
    gap=st.sampled_from([0, 1, 7, 600]),
    seed=st.integers(0, 99),
)
@example(image=(4, 1), channels=(9, 5), gap=621, seed=0)
@example(image=(3, 2), channels=(9, 8), gap=1, seed=0)
@example(image=(5, 4), channels=(36, 4), gap=0, seed=0)
@example(image=(3, 3), channels=(16, 17), gap=0, seed=0)
@example(image=(2, 5), channels=(9, 18), gap=1, seed=1)
@example(image=(1, 4), channels=(24, 35), gap=0, seed=2)
def test_cells_are_read_where_they_lie(
    library: ctypes.CDLL,
    kernel: Kernel,
    image: tuple[int, int],
    channels: tuple[int, int],
    gap: int,
    seed: int,
) -> None:
    case = pointwise(image, channels, gap, seed)
    if kernel.accepts(planned(case)) and kernel.holds(planned(case)):
        cores = 8 if kernel.isa == "xpulp" else 1
        np.testing.assert_array_equal(execute(library, kernel, case, cores), expect(case))
