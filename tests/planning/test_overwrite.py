"""How far an output must stay behind the input it is written over, and over which it may be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.planning.call import Call
from generator.planning.kernels import Kernel, all_kernels
from generator.planning.overwrite import overwrite_distance, overwrites_allowed
from generator.planning.view import View

_ALIGNMENT = 4


def kernel(op: str, reading: str) -> Kernel:
    return next(one for one in all_kernels() if (one.op, one.overwrite) == (op, reading))


def linear(m: int, k: int, n: int) -> Call:
    params = {"m": m, "k": k, "n": n, "x_row": k, "x_col": 1, "y_row": n, "y_col": 1}
    x, y = View.contiguous("x", (m, k)), View.contiguous("y", (m, n))
    return Call("linear_s8", params, (x,), (y,))


def least_of_linear(m: int, k: int, n: int) -> int:
    """By the definition: no byte of row i is written where a row not yet done is still read."""
    return max((i + 1) * n - i * k for i in range(m))


@given(m=st.integers(1, 9), k=st.integers(1, 40), n=st.integers(1, 40))
@example(m=3, k=8, n=8)
@example(m=3, k=9, n=8)
@example(m=3, k=8, n=9)
@example(m=1, k=40, n=4)
def test_a_row_is_written_while_its_own_is_read(m: int, k: int, n: int) -> None:
    found = overwrite_distance(linear(m, k, n), kernel("linear_s8", "row"))
    least = least_of_linear(m, k, n)
    assert found is not None
    assert least <= found < least + _ALIGNMENT


def window(
    rows: int, size: int, stride: int, pad: int, in_c: int, out_c: int, batch: int
) -> dict[str, Any]:
    width, out_h = 3, (rows + 2 * pad - size) // stride + 1
    cells = {"in_h": rows, "in_w": width, "in_c": in_c, "out_h": out_h, "out_w": width}
    cells |= {"out_c": out_c, "batch": batch, "stride_h": stride, "pad_top": pad}
    cells |= {"kernel_h": size, "kernel_w": 1, "stride_w": 1, "pad_left": 0}
    x = (rows * width * in_c, 1, width * in_c, in_c)
    y = (out_h * width * out_c, 1, width * out_c, out_c)
    return {**cells, "x_stride": x, "y_stride": y}


@settings(max_examples=60)
@given(
    rows=st.integers(3, 9),
    size=st.integers(1, 3),
    stride=st.integers(1, 3),
    pad=st.integers(0, 1),
    in_c=st.integers(1, 8),
    out_c=st.integers(1, 8),
    batch=st.integers(1, 3),
)
@example(rows=5, size=1, stride=1, pad=0, in_c=4, out_c=4, batch=1)
def test_no_row_of_an_image_is_written_over_one_still_read(
    rows: int, size: int, stride: int, pad: int, in_c: int, out_c: int, batch: int
) -> None:
    p = window(rows, size, stride, pad, in_c, out_c, batch)
    x, y = View.contiguous("x", (1,)), View.contiguous("y", (1,))
    call = Call("conv2d_s8", {"window": p}, (x,), (y,))
    choice = next(k for k in all_kernels() if k.op == "conv2d_s8" and k.overwrite != "none")
    found = overwrite_distance(call, choice)
    assert found is not None
    row_x, row_y = p["in_w"] * in_c, p["out_w"] * out_c
    for image in range(batch):
        for row in range(p["out_h"]):
            written = image * p["out_h"] * row_y + (row + 1) * row_y
            read = image * rows * row_x + max(0, row * stride - pad) * row_x
            assert written <= found + read


@pytest.mark.parametrize(
    ("last", "in_loop", "outside", "allowed"),
    [
        (0, False, False, True),
        (1, False, False, False),  # another step still reads it
        (0, True, False, False),
        (0, False, True, False),
    ],
)
def test_only_an_input_that_dies_may_be_written_over(
    last: int, in_loop: bool, outside: bool, allowed: bool
) -> None:
    call = linear(4, 8, 8)
    found = overwrites_allowed(
        [(call, kernel("linear_s8", "row"), in_loop)],
        {"x": last, "y": 9},
        {"x"} if outside else set(),
    )
    assert set(found) == ({("y", "x")} if allowed else set())


def test_offsets_of_the_views_count() -> None:
    call = linear(4, 8, 8)
    row = kernel("linear_s8", "row")
    plain = overwrite_distance(call, row)
    assert plain is not None
    x, y = (View("x", 16, (4, 8), (8, 1)), View("y", 4, (4, 8), (8, 1)))
    moved = Call(call.op, call.params, (x,), (y,))
    found = overwrites_allowed([(moved, row, False)], {"x": 0}, set())
    assert found == {("y", "x"): plain + 4 - 16}
