"""Depthwise 3x3 in groups of passes: lines, columns, padding, channels and both directions."""

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

_GROUPS = [kernel for kernel in all_kernels() if "3x3_groups" in kernel.name]
_LIMITS = [
    ((1, 2), 1, (0, 0), 4),
    ((2, 2), 1, (1, 1), 5),
    ((3, 7), 1, (1, 1), 8),
    ((6, 6), 1, (2, 2), 18),
    ((7, 8), 1, (1, 0), 6),
    ((12, 13), 1, (1, 1), 4),
    ((20, 5), 1, (0, 1), 4),
    ((14, 17), 1, (2, 1), 4),
    ((1, 2), 2, (0, 0), 4),
    ((2, 1), 2, (1, 1), 5),
    ((3, 3), 2, (1, 1), 8),
    ((4, 6), 2, (2, 2), 8),
    ((9, 5), 2, (0, 1), 9),
    ((5, 8), 2, (1, 0), 4),
    ((6, 7), 2, (1, 1), 4),
]
"""Outputs, stride, padding and channels: one to three groups, whole ones and others, the last line
of a pass and none, every remainder of the loop's four columns, images walked down and along, and
one to four strips, the last of them overlapping."""


def layer(
    sizes: tuple[int, int], stride: int, pads: tuple[int, int], channels: int, seed: int
) -> Case:
    """A plain depthwise layer 3x3 of `sizes`, which are its outputs [h, w]."""
    rng = np.random.default_rng(seed)
    steps = (stride, stride)
    x = channels_last(1 + seed % 2, image_size(sizes, (3, 3), steps, pads), channels, seed % 3)
    y = channels_last(1 + seed % 2, sizes, channels, seed % 2)
    return window_layer(rng, x, y, (3, 3), steps, pads, groups=channels)


@pytest.mark.parametrize("kernel", _GROUPS, ids=lambda kernel: kernel.name)
@settings(max_examples=15, deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 16), st.integers(2, 16)),
    stride=st.integers(1, 2),
    pads=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    channels=st.integers(4, 19),
    seed=st.integers(0, 99),
)
@example(sizes=(6, 6), stride=1, pads=(1, 1), channels=8, seed=1)
@example(sizes=(8, 7), stride=1, pads=(2, 0), channels=6, seed=2)
@example(sizes=(14, 3), stride=1, pads=(1, 1), channels=9, seed=3)
@example(sizes=(1, 2), stride=1, pads=(0, 0), channels=9, seed=0)
@example(sizes=(5, 6), stride=1, pads=(1, 1), channels=19, seed=0)
@example(sizes=(5, 3), stride=2, pads=(1, 2), channels=7, seed=4)
def test_depthwise_groups(
    library: ctypes.CDLL,
    kernel: Kernel,
    sizes: tuple[int, int],
    stride: int,
    pads: tuple[int, int],
    channels: int,
    seed: int,
) -> None:
    case = layer(sizes, stride, pads, channels, seed)
    check(library, kernel, case)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _GROUPS, ids=lambda kernel: kernel.name)
def test_depthwise_groups_on_the_core(targets: Targets, toolchain: str, kernel: Kernel) -> None:
    cases = (layer(*limits, seed) for seed, limits in enumerate(_LIMITS))
    targets.check(kernel, toolchain, cases)
