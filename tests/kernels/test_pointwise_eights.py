"""Pointwise convolutions of eight channels: cells, columns, strides, and where cells lie."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import check
from kernel_targets import Targets
from window_layers import channels_last, image_size, window_layer

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.toolchain.toolchain import toolchain_names

_EIGHTS = [kernel for kernel in all_kernels() if "_eights__" in kernel.name]
_LIMITS = [((1, 1), 1, 8), ((1, 2), 1, 12), ((3, 3), 2, 16), ((4, 5), 1, 20), ((2, 6), 2, 24)]
"""Outputs, stride and columns: one cell and two, odd and even numbers, columns that overlap too."""


def layer(sizes: tuple[int, int], stride: int, columns: int, seed: int) -> Case:
    """A plain layer of `sizes`, which are its outputs [h, w]; cells lie apart by the seed."""
    rng = np.random.default_rng(seed)
    steps = (stride, stride)
    x = channels_last(1 + seed % 2, image_size(sizes, (1, 1), steps, (0, 0)), 8, seed % 3)
    y = channels_last(1 + seed % 2, sizes, columns, seed % 2)
    return window_layer(rng, x, y, (1, 1), steps, (0, 0))


@pytest.mark.parametrize("kernel", _EIGHTS, ids=lambda kernel: kernel.name)
@settings(max_examples=15, deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    stride=st.integers(1, 2),
    columns=st.sampled_from([8, 12, 16, 28]),
    seed=st.integers(0, 99),
)
@example(sizes=(1, 1), stride=1, columns=12, seed=1)
@example(sizes=(3, 5), stride=2, columns=16, seed=2)
@example(sizes=(2, 4), stride=1, columns=20, seed=3)
def test_pointwise_eights(
    library: ctypes.CDLL,
    kernel: Kernel,
    sizes: tuple[int, int],
    stride: int,
    columns: int,
    seed: int,
) -> None:
    case = layer(sizes, stride, columns, seed)
    check(library, kernel, case)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _EIGHTS, ids=lambda kernel: kernel.name)
def test_pointwise_eights_on_the_core(targets: Targets, toolchain: str, kernel: Kernel) -> None:
    cases = (layer(*limits, seed) for seed, limits in enumerate(_LIMITS))
    targets.check(kernel, toolchain, cases)
