"""First layers of one and three channels: lengths of lines, strides, padding and forms."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import execute, expect, planned

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import Operand

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
    image = [(out[i] - 1) * step[i] + taps[i] - 2 * pads[i] for i in (0, 1)]
    image = [max(size, 1) for size in image]
    rng = np.random.default_rng(seed)
    x, y = (_image(image, depth), _image(out, channels))
    window = {"batch": 1, "in_c": depth, "in_h": image[0], "in_w": image[1]}
    window |= {"out_c": channels, "out_h": out[0], "out_w": out[1]}
    window |= {"kernel_h": taps[0], "kernel_w": taps[1], "stride_h": step[0], "stride_w": step[1]}
    window |= {"pad_top": pads[0], "pad_left": pads[1]}
    window |= {"x_stride": list(x.strides), "y_stride": list(y.strides)}
    form = {"multiplier": rng.integers(1, 2**24, size=channels).astype(np.int32)}
    form |= {"channel_step": 1, "shift": 32, "narrow": 1, "zero_point": 0}
    form |= {"lo": -128 if plain else -100, "hi": 127}
    params = {"window": window, "groups": 1, "x_zero_point": -7, "lut": None, "requant": form}
    params |= {"weight": rng.integers(-127, 128, size=(channels, *taps, depth), dtype=np.int8)}
    params |= {"start": rng.integers(-(2**12), 2**12, size=channels).astype(np.int32)}
    values = (rng.integers(-128, 128, size=x.size, dtype=np.int8),)
    misalign = tuple(int(m) for m in rng.integers(0, 4, size=2))
    return Case("conv2d_s8", params, (x,), values, y, misalign)


def _image(size: tuple[int, ...] | list[int], channels: int) -> Operand:
    height, width = size
    strides = (height * width * channels, 1, width * channels, channels)
    return Operand((1, channels, height, width), strides, 0, height * width * channels)


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
    assert kernel.accepts(planned(case))
    np.testing.assert_array_equal(execute(library, kernel, case), expect(case))


@pytest.mark.parametrize("kernel", _FIRST, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize(("along", "stride"), [(3, 2), (7, 1)])
def test_lines_shorter_than_a_tile_are_not_taken(kernel: Kernel, along: int, stride: int) -> None:
    case = layer(kernel, (along, 2, stride, 1, 0, 2), plain=True, seed=0)
    assert not kernel.accepts(planned(case))
