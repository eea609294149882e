"""Depthwise windows where they lie: taps, channels, strides, padding and forms."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import check, planned
from kernel_targets import Targets
from window_layers import Sizes, depthwise_layer, depthwise_layers

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.toolchain.toolchain import toolchain_names

_TAPS = [kernel for kernel in all_kernels() if kernel.pack == "taps16"]
_LIMITS: Sequence[Sizes] = [
    ((1, 1), (3, 3), (1, 1), (0, 0), 4),
    ((1, 1), (1, 1), (1, 1), (0, 0), 5),
    ((3, 4), (3, 3), (1, 1), (1, 1), 7),
    ((2, 2), (1, 14), (1, 1), (0, 4), 8),
    ((5, 1), (15, 1), (1, 1), (4, 0), 6),
    ((2, 3), (2, 11), (3, 2), (1, 10), 9),
    ((3, 2), (4, 7), (2, 4), (3, 2), 16),
    ((2, 2), (7, 7), (2, 2), (3, 3), 11),
]
"""Outputs, taps, strides, padding and channels: whole passes of seven pairs of taps and one more,
odd and even numbers of taps, fours of channels and others, windows within the image and outside."""

_TWO = st.tuples(st.integers(1, 4), st.integers(1, 4))


@pytest.mark.parametrize("kernel", _TAPS, ids=lambda kernel: kernel.name)
@settings(max_examples=15, deadline=None)
@given(
    sizes=st.tuples(
        _TWO,
        st.tuples(st.integers(1, 7), st.integers(1, 7)),
        _TWO,
        st.tuples(st.integers(0, 3), st.integers(0, 3)),
        st.integers(4, 13),
    ),
    form=st.sampled_from(["plain", "clamped", "table"]),
    seed=st.integers(0, 99),
)
@example(sizes=_LIMITS[0], form="plain", seed=0)
@example(sizes=_LIMITS[3], form="clamped", seed=0)
@example(sizes=_LIMITS[5], form="plain", seed=1)
@example(sizes=_LIMITS[7], form="table", seed=1)
def test_depthwise_taps(
    library: ctypes.CDLL,
    kernel: Kernel,
    sizes: Sizes,
    form: str,
    seed: int,
) -> None:
    case = depthwise_layer(sizes, form, seed)
    check(library, kernel, case)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _TAPS, ids=lambda kernel: kernel.name)
def test_depthwise_taps_on_the_core(targets: Targets, toolchain: str, kernel: Kernel) -> None:
    targets.check(kernel, toolchain, depthwise_layers(_LIMITS))


@pytest.mark.parametrize("kernel", _TAPS, ids=lambda kernel: kernel.name)
def test_fewer_channels_than_a_word_has_are_not_taken(kernel: Kernel) -> None:
    assert not kernel.accepts(planned(depthwise_layer((*_LIMITS[0][:4], 3), "plain", 0)))
