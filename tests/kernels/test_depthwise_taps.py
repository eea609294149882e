"""Depthwise windows where they lie: taps, channels, strides, padding and forms."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_builds import board_of
from kernel_runs import execute, expect, planned

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.image import build_image
from tinyrig.suite.studies.kernels.checking.operand import Operand
from tinyrig.suite.studies.kernels.checking.target import CortexM
from tinyrig.suite.toolchain.toolchain import toolchain_names

_TAPS = [kernel for kernel in all_kernels() if kernel.pack == "taps16"]
_LIMITS = [
    ((1, 1), (3, 3), (1, 1), (0, 0), 4),
    ((1, 1), (1, 1), (1, 1), (0, 0), 5),
    ((3, 4), (3, 3), (1, 1), (1, 1), 7),
    ((2, 2), (1, 10), (1, 1), (0, 4), 8),
    ((5, 1), (9, 1), (1, 1), (4, 0), 6),
    ((2, 3), (2, 11), (3, 2), (1, 10), 9),
    ((3, 2), (4, 5), (2, 4), (3, 2), 16),
    ((2, 2), (7, 7), (2, 2), (3, 3), 11),
]
"""Outputs, taps, strides, padding and channels: whole passes of five pairs of taps and one more,
odd and even numbers of taps, fours of channels and others, windows within the image and outside."""


def layer(sizes: tuple[tuple[int, int], ...], channels: int, form: str, seed: int) -> Case:
    """A depthwise layer of `sizes`, which are outputs, taps, strides and padding [h, w]."""
    out, taps, step, pads = sizes
    rng = np.random.default_rng(seed)
    image = [max((out[i] - 1) * step[i] + taps[i] - 2 * pads[i], 1) for i in (0, 1)]
    x, y = _image(image, channels, seed % 3), _image(out, channels, seed % 2)
    window = {"batch": 2, "in_c": channels, "in_h": image[0], "in_w": image[1]}
    window |= {"out_c": channels, "out_h": out[0], "out_w": out[1]}
    window |= {"kernel_h": taps[0], "kernel_w": taps[1], "stride_h": step[0], "stride_w": step[1]}
    window |= {"pad_top": pads[0], "pad_left": pads[1]}
    window |= {"x_stride": list(x.strides), "y_stride": list(y.strides)}
    requant = {"multiplier": rng.integers(1, 2**24, size=channels).astype(np.int32)}
    requant |= {"channel_step": 1, "shift": 32, "narrow": 1, "zero_point": 0}
    requant |= {"lo": -100 if form == "clamped" else -128, "hi": 127}
    table = rng.integers(-128, 128, size=256, dtype=np.int8) if form == "table" else None
    params = {"window": window, "groups": channels, "x_zero_point": -7, "lut": table}
    params |= {"requant": requant}
    params |= {"weight": rng.integers(-128, 128, size=(channels, *taps, 1), dtype=np.int8)}
    params |= {"start": rng.integers(-(2**12), 2**12, size=channels).astype(np.int32)}
    values = (rng.integers(-128, 128, size=x.size, dtype=np.int8),)
    misalign = tuple(int(m) for m in rng.integers(0, 4, size=2))
    return Case("conv2d_s8", params, (x,), values, y, misalign)


def _image(size: tuple[int, ...] | list[int], channels: int, gap: int) -> Operand:
    height, width = size
    step = channels + gap
    strides = (height * width * step, 1, width * step, step)
    return Operand((2, channels, height, width), strides, 0, 2 * height * width * step)


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
    sizes: tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int], int],
    form: str,
    seed: int,
) -> None:
    case = layer(sizes[:4], sizes[4], form, seed)
    assert kernel.accepts(planned(case))
    np.testing.assert_array_equal(execute(library, kernel, case), expect(case))


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _TAPS, ids=lambda kernel: kernel.name)
def test_depthwise_taps_on_the_core(tmp_path: Path, toolchain: str, kernel: Kernel) -> None:
    board = load_board(board_of(kernel))
    try:
        image = build_image(tmp_path, board, toolchain, [kernel])
    except MissingToolError as error:
        pytest.skip(str(error))
    target = CortexM(image, board.core)
    for seed, (*sizes, channels) in enumerate(_LIMITS):
        for form in ("plain", "clamped"):
            case = layer(tuple(sizes), channels, form, seed)
            np.testing.assert_array_equal(target.execute(kernel, case), expect(case))


@pytest.mark.parametrize("kernel", _TAPS, ids=lambda kernel: kernel.name)
def test_fewer_channels_than_a_word_has_are_not_taken(kernel: Kernel) -> None:
    assert not kernel.accepts(planned(layer(_LIMITS[0][:4], 3, "plain", 0)))
