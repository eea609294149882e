"""Pairs of rows by four columns: numbers of rows, values and columns, gaps, tables and strides."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_builds import board_of
from kernel_runs import check, expect
from kernel_targets import Targets

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.arguments import planned
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import Operand
from tinyrig.suite.toolchain.toolchain import toolchain_names

_QUADS = [k for k in all_kernels() if "quads16" in k.pack and "_2x4" in k.name]
"""Not the kernel of eight channels, which shares their constants."""


def layer(op: str, sizes: tuple[int, ...], *, gap: int, table: bool, seed: int) -> Case:
    """A layer of rows, values in and columns, and a stride of a convolution."""
    rows, k, n, stride = sizes
    rng = np.random.default_rng(seed)
    form = {"multiplier": rng.integers(1, 2**24, size=n).astype(np.int32), "channel_step": 1}
    form |= {"shift": 32, "narrow": 1, "zero_point": 0, "lo": -128, "hi": 127}
    params: dict[str, Any] = {"requant": form, "lut": None}
    params["start"] = rng.integers(-(2**12), 2**12, size=n).astype(np.int32)
    if table:
        params["lut"] = rng.integers(-128, 128, size=256, dtype=np.int8)
    weight = rng.integers(-128, 128, size=(n, k), dtype=np.int8)
    if op == "linear_s8":
        x = Operand((rows, k), (k + gap, 1), 0, (k + gap) * rows)
        y = Operand((rows, n), (n + gap, 1), 0, (n + gap) * rows)
        params |= {"m": rows, "k": k, "n": n, "weight": weight, "x_row": k + gap, "x_col": 1}
        params |= {"y_row": n + gap, "y_col": 1}
    else:
        image = (1 + stride, rows * stride)
        x, y = _image(image, k, gap), _image((2, rows), n, 2 * gap)
        window: dict[str, Any] = {"batch": 1, "in_c": k, "in_h": image[0], "in_w": image[1]}
        window |= {"out_c": n, "out_h": 2, "out_w": rows, "kernel_h": 1, "kernel_w": 1}
        window |= {"stride_h": stride, "stride_w": stride, "pad_top": 0, "pad_left": 0}
        window |= {"x_stride": list(x.strides), "y_stride": list(y.strides)}
        params |= {"window": window, "groups": 1, "x_zero_point": 5}
        params["weight"] = weight.reshape(n, 1, 1, k)
    values = (rng.integers(-128, 128, size=x.size, dtype=np.int8),)
    return Case(op, params, (x,), values, y, tuple(int(m) for m in rng.integers(0, 4, size=2)))


def _image(size: tuple[int, int], channels: int, gap: int) -> Operand:
    height, width = size
    line = width * channels + gap
    strides = (height * line, 1, line, channels)
    return Operand((1, channels, height, width), strides, 0, height * line)


def _suited(kernel: Kernel, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes with at least 5 values where a kernel takes no fewer."""
    rows, k, n, stride = sizes
    return (rows, max(k, 5), n, stride) if kernel.isa == "m7" else sizes


@pytest.mark.parametrize("kernel", _QUADS, ids=lambda kernel: kernel.name)
@settings(max_examples=25, deadline=None)
@given(
    sizes=st.tuples(st.integers(2, 9), st.integers(4, 104), st.integers(4, 20), st.integers(1, 2)),
    gap=st.sampled_from([0, 0, 3]),
    table=st.booleans(),
    seed=st.integers(0, 99),
)
@example(sizes=(2, 32, 4, 1), gap=0, table=False, seed=0)
@example(sizes=(3, 36, 8, 1), gap=0, table=True, seed=1)
@example(sizes=(5, 64, 8, 2), gap=1, table=False, seed=2)
@example(sizes=(3, 4, 12, 1), gap=0, table=False, seed=3)
@example(sizes=(3, 16, 8, 1), gap=0, table=False, seed=4)
@example(sizes=(2, 40, 4, 2), gap=1, table=True, seed=5)
@example(sizes=(4, 72, 8, 1), gap=0, table=False, seed=6)
@example(sizes=(5, 31, 13, 1), gap=0, table=False, seed=7)
@example(sizes=(4, 33, 17, 1), gap=0, table=True, seed=8)
@example(sizes=(3, 32, 5, 2), gap=0, table=True, seed=9)
@example(sizes=(5, 16, 7, 1), gap=0, table=False, seed=10)
@example(sizes=(2, 66, 18, 1), gap=3, table=False, seed=11)
def test_pairs_of_rows(
    library: ctypes.CDLL,
    kernel: Kernel,
    sizes: tuple[int, ...],
    gap: int,
    table: bool,
    seed: int,
) -> None:
    case = layer(kernel.op, _suited(kernel, sizes), gap=gap, table=table, seed=seed)
    check(library, kernel, case)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize(
    ("k", "n"), [(8, 8), (12, 5), (16, 7), (32, 6), (36, 8), (31, 9), (65, 10), (72, 11), (99, 17)]
)
def test_numbers_of_values_on_the_core(targets: Targets, toolchain: str, k: int, n: int) -> None:
    """Places that a text is entered at, and blocks behind the first; rows in pairs and one over."""
    for kernel in _QUADS:
        for rows in (4, 3):
            case = layer(kernel.op, (rows, k, n, 1), gap=rows - 3, table=rows > 3, seed=k)
            target = targets.of(board_of(kernel), toolchain)
            np.testing.assert_array_equal(target.execute(kernel, case), expect(case))


@pytest.mark.parametrize(
    "kernel",
    [k for k in _QUADS if k.isa == "m4" and not k.readings],
    ids=lambda kernel: kernel.name,
)
@pytest.mark.parametrize(("k", "scratch"), [(31, 0), (32, 0), (33, 64), (36, 64)])
def test_sums_wait_where_values_are_more_than_a_block(kernel: Kernel, k: int, scratch: int) -> None:
    for n in (7, 8):
        case = layer(kernel.op, (4, k, n, 1), gap=0, table=False, seed=0)
        assert kernel.scratch_bytes(planned(case)) == scratch


@pytest.mark.parametrize("kernel", [k for k in _QUADS if k.readings], ids=lambda k: k.name)
@pytest.mark.parametrize(("groups", "quads"), [(8, 5), (9, 8), (25, 4)])
@pytest.mark.parametrize("over", [0, 1, 3])
def test_kept_weights_take_their_bytes_or_a_quarter(
    kernel: Kernel, groups: int, quads: int, over: int
) -> None:
    sizes = (4, 4 * groups - over, 4 * quads - over, 1)
    case = layer(kernel.op, sizes, gap=0, table=False, seed=0)
    columns = 4 * (quads if "kept" in kernel.name else -(-quads // 4))
    sums = 2 * 4 * columns if groups > 8 else 0
    constants = columns * (8 * groups + 8 + (4 if groups > 8 else 0))
    assert kernel.scratch_bytes(planned(case)) == constants + sums
