"""Depthwise 3x3 whose last line, one of an odd number, has nothing below it."""

from __future__ import annotations

import ctypes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import check
from kernel_targets import Targets
from window_layers import Sizes, depthwise_layer

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.toolchain.toolchain import toolchain_names

_LINES = [kernel for kernel in all_kernels() if "depthwise_3x3__" in kernel.name]
_LIMITS: list[Sizes] = [
    ((2, 1), (3, 3), (1, 1), (1, 1), 4),
    ((3, 3), (3, 3), (1, 1), (1, 1), 9),
    ((3, 4), (3, 3), (1, 1), (1, 0), 5),
    ((5, 5), (3, 3), (1, 1), (1, 2), 4),
    ((9, 3), (3, 3), (1, 1), (0, 1), 4),
    ((10, 1), (3, 3), (1, 1), (1, 1), 6),
    ((3, 6), (3, 3), (1, 1), (0, 1), 4),
    ((3, 7), (3, 3), (1, 1), (2, 1), 4),
]
"""Lines down and along, of two outputs and more with every remainder of four, strips that overlap,
no padding and two columns of it, and a last line with lines below and without."""


@pytest.mark.parametrize("kernel", _LINES, ids=lambda kernel: kernel.name)
@settings(max_examples=15, deadline=None)
@given(
    lines=st.integers(0, 3),
    length=st.integers(2, 12),
    down=st.booleans(),
    pad=st.integers(0, 2),
    channels=st.integers(4, 10),
    seed=st.integers(0, 99),
)
@example(lines=2, length=25, down=True, pad=1, channels=8, seed=1)
@example(lines=0, length=2, down=False, pad=1, channels=5, seed=2)
def test_depthwise_edge(
    library: ctypes.CDLL,
    kernel: Kernel,
    lines: int,
    length: int,
    down: bool,
    pad: int,
    channels: int,
    seed: int,
) -> None:
    out = (max(length, 2 * lines + 2), 2 * lines + 1)
    pads = (pad, 1)
    turn = slice(None, None, 1 if down else -1)
    sizes = (out[turn], (3, 3), (1, 1), pads[turn], channels)
    check(library, kernel, depthwise_layer(sizes, "plain", seed))


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _LINES, ids=lambda kernel: kernel.name)
def test_depthwise_edge_on_the_core(targets: Targets, toolchain: str, kernel: Kernel) -> None:
    cases = (depthwise_layer(sizes, "plain", seed) for seed, sizes in enumerate(_LIMITS))
    targets.check(kernel, toolchain, cases)
