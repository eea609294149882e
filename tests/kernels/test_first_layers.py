"""First layers of one and three channels: lengths of lines, strides, padding and forms."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import check, planned
from kernel_targets import Targets
from window_layers import channels_last, image_size, window_layer

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.toolchain.toolchain import toolchain_names

_FIRST = [kernel for kernel in all_kernels() if "_first" in kernel.name]
_WINDOWS = {"first3": (3, 3, 3), "first1": (1, 3, 3), "first1_down": (1, 10, 4)}


def layer(kernel: Kernel, sizes: tuple[int, ...], *, plain: bool, seed: int) -> Case:
    """A layer of a kernel's window: outputs along and across its lines, strides, pad, channels."""
    along, across, stride, other, pad, channels = sizes
    depth, *taps = _WINDOWS[kernel.name.removeprefix("tr_conv2d_s8_").partition("__")[0]]
    out, step = (along, across), (stride, other)
    if kernel.name.startswith("tr_conv2d_s8_first1_down"):
        pads = (pad, 1)
    else:
        out, step, pads = out[::-1], step[::-1], (1, pad)
    x = channels_last(1, image_size(out, taps, step, pads), depth)
    y = channels_last(1, out, channels)
    rng = np.random.default_rng(seed)
    return window_layer(rng, x, y, taps, step, pads, lo=-128 if plain else -100)


@pytest.mark.parametrize("kernel", _FIRST, ids=lambda kernel: kernel.name)
@settings(max_examples=15, deadline=None)
@given(
    sizes=st.tuples(
        st.integers(8, 17),
        st.integers(1, 3),
        st.integers(1, 2),
        st.integers(1, 3),
        st.integers(0, 2),
        st.integers(2, 5),
    ),
    plain=st.booleans(),
    seed=st.integers(0, 99),
)
@example(sizes=(4, 2, 2, 2, 0, 2), plain=True, seed=0)
@example(sizes=(5, 2, 2, 1, 1, 3), plain=False, seed=0)
@example(sizes=(7, 1, 2, 1, 1, 3), plain=True, seed=0)
@example(sizes=(8, 2, 1, 1, 1, 2), plain=True, seed=0)
@example(sizes=(9, 2, 1, 1, 0, 3), plain=False, seed=0)
@example(sizes=(11, 2, 1, 2, 2, 3), plain=True, seed=0)
def test_first_layer(
    library: ctypes.CDLL, kernel: Kernel, sizes: tuple[int, ...], plain: bool, seed: int
) -> None:
    case = layer(kernel, sizes, plain=plain, seed=seed)
    check(library, kernel, case)


@pytest.mark.parametrize("kernel", _FIRST, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize(("along", "stride"), [(3, 2), (7, 1)])
def test_lines_shorter_than_a_tile_are_not_taken(kernel: Kernel, along: int, stride: int) -> None:
    case = layer(kernel, (along, 2, stride, 1, 0, 2), plain=True, seed=0)
    assert not kernel.accepts(planned(case))


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _FIRST, ids=lambda kernel: kernel.name)
def test_first_layers_on_the_core(targets: Targets, toolchain: str, kernel: Kernel) -> None:
    limits = ((11, 2, 2, 1, 1, 3), (9, 1, 1, 2, 2, 2), (14, 2, 2, 2, 0, 4))
    cases = (layer(kernel, sizes, plain=seed != 1, seed=seed) for seed, sizes in enumerate(limits))
    targets.check(kernel, toolchain, cases)
