"""Convolutions by panels: scratch for gathered windows, and only where some are gathered."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import execute, expect, planned
from window_layers import channels_last, window_layer

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.arguments import held
from tinyrig.suite.studies.kernels.checking.case import Case

PANELS = [
    kernel
    for kernel in all_kernels()
    if kernel.op == "conv2d_s8" and kernel.name.endswith(("_3x2__m4", "_3x2__m7"))
]


def layer(taps: tuple[int, int], channels: int, gap: int, more: tuple[int, int], seed: int) -> Case:
    """Two by three windows, the last of which reach over the image's end by up to `more`."""
    rng = np.random.default_rng(seed)
    size = [taps[i] * (2 + i) - min(more[i], taps[i] - 1) for i in (0, 1)]
    x, y = channels_last(1, size, channels, gap), channels_last(1, (2, 3), 5)
    return window_layer(rng, x, y, taps, taps, (0, 0))


@pytest.mark.parametrize("kernel", PANELS, ids=lambda kernel: kernel.name)
@settings(max_examples=12, deadline=None)
@given(
    taps=st.sampled_from([(1, 1), (1, 3), (2, 4), (4, 4), (3, 3)]),
    channels=st.sampled_from([2, 3, 4, 8, 16]),
    gap=st.sampled_from([0, 0, 3]),
    more=st.sampled_from([(0, 0), (0, 0), (1, 0), (0, 1)]),
    seed=st.integers(0, 99),
)
@example(taps=(4, 4), channels=2, gap=0, more=(0, 0), seed=0)
@example(taps=(4, 4), channels=2, gap=0, more=(1, 0), seed=0)
@example(taps=(4, 4), channels=2, gap=0, more=(0, 1), seed=0)
@example(taps=(4, 4), channels=2, gap=3, more=(0, 0), seed=0)
@example(taps=(4, 4), channels=3, gap=0, more=(0, 0), seed=0)
@example(taps=(1, 1), channels=8, gap=3, more=(0, 0), seed=0)
def test_it_has_room_for_the_windows_it_gathers(
    library: ctypes.CDLL,
    kernel: Kernel,
    taps: tuple[int, int],
    channels: int,
    gap: int,
    more: tuple[int, int],
    seed: int,
) -> None:
    case = held(kernel, layer(taps, channels, gap, more, seed))
    if kernel.accepts(planned(case)):
        np.testing.assert_array_equal(execute(library, kernel, case), expect(case))


@pytest.mark.parametrize("kernel", PANELS, ids=lambda kernel: kernel.name)
def test_windows_that_are_read_where_they_lie_take_a_panel_alone(kernel: Kernel) -> None:
    sizes = [
        kernel.scratch_bytes(planned(layer((4, 4), channels, gap, more, 0)))
        for channels, gap, more in ((4, 0, (0, 0)), (4, 0, (1, 0)), (4, 3, (0, 0)), (3, 0, (0, 0)))
    ]
    assert sizes == [6 * 64, 6 * 64 + 64, 6 * 64 + 64, 6 * 48 + 48]
