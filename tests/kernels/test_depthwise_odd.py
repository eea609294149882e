"""Depthwise rows of 3, 5 and 7 taps by pairs of columns: heights, cells, channels and forms."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import check
from kernel_targets import Targets
from window_layers import Sizes, depthwise_layer, depthwise_layers

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.toolchain.toolchain import toolchain_names

_ODD = [kernel for kernel in all_kernels() if "depthwise_odd" in kernel.name]
_LIMITS: Sequence[Sizes] = [
    ((2, 4), (2, 3), (1, 1), (0, 0), 4),
    ((3, 8), (3, 7), (1, 1), (1, 3), 5),
    ((6, 5), (4, 5), (1, 1), (2, 2), 8),
    ((7, 6), (5, 5), (1, 1), (2, 2), 7),
    ((2, 1), (5, 7), (2, 1), (0, 3), 4),
    ((3, 2), (6, 3), (1, 1), (5, 1), 6),
    ((8, 10), (7, 7), (2, 1), (3, 3), 4),
    ((2, 12), (10, 5), (3, 1), (4, 4), 4),
    ((3, 7), (11, 7), (1, 1), (5, 0), 4),
]
"""Outputs, taps, strides, padding and channels: whole passes of five rows and others, for
Cortex-M7 of three and one, every remainder of four cells, and the last four channels again."""


@pytest.mark.parametrize("kernel", _ODD, ids=lambda kernel: kernel.name)
@settings(max_examples=15, deadline=None)
@given(
    sizes=st.tuples(
        st.tuples(st.integers(1, 8), st.integers(1, 12)),
        st.tuples(st.integers(2, 11), st.sampled_from([3, 5, 7])),
        st.tuples(st.integers(1, 3), st.just(1)),
        st.tuples(st.integers(0, 1), st.integers(0, 2)),
        st.integers(4, 9),
    ),
    form=st.sampled_from(["plain", "clamped", "table"]),
    seed=st.integers(0, 99),
)
@example(sizes=_LIMITS[4], form="plain", seed=0)
@example(sizes=_LIMITS[6], form="clamped", seed=0)
@example(sizes=_LIMITS[8], form="table", seed=1)
def test_depthwise_odd(
    library: ctypes.CDLL,
    kernel: Kernel,
    sizes: Sizes,
    form: str,
    seed: int,
) -> None:
    case = depthwise_layer(sizes, form, seed)
    check(library, kernel, case)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _ODD, ids=lambda kernel: kernel.name)
def test_depthwise_odd_on_the_core(targets: Targets, toolchain: str, kernel: Kernel) -> None:
    targets.check(kernel, toolchain, depthwise_layers(_LIMITS))
