"""Which storages may overlap, and how far apart they must begin."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.generator.planning.overwrite import overwrite_distance, overwrites_allowed
from tinyrig.generator.planning.view import View

REF = next(k for k in all_kernels() if k.name == "tr_linear_s8__ref")


def reading(mode: str) -> Kernel:
    return replace(REF, overwrite=mode)


def linear(m: int, k: int, n: int, *, y_offset: int = 0, x_offset: int = 0, **strides: int) -> Call:
    params = {"m": m, "k": k, "n": n, "x_row": k, "x_col": 1, "y_row": n, "y_col": 1, **strides}
    x, y = View("x", x_offset, (m, k), (k, 1)), View("y", y_offset, (m, n), (n, 1))
    return Call("linear_s8", params, (x,), (y,))


@given(st.integers(1, 8), st.integers(1, 40), st.integers(1, 40), st.sampled_from(["row", "tile"]))
def test_no_row_is_written_over_one_that_is_still_read(m: int, k: int, n: int, mode: str) -> None:
    distance = overwrite_distance(linear(m, k, n), reading(mode))
    assert distance is not None
    assert distance % 4 == 0
    for row in range(m):
        first_needed = distance + (row if mode == "row" else row + 1) * k
        if mode == "row" or row + 1 < m:
            assert (row + 1) * n <= first_needed
    assert distance <= max(n, m * n) + 3, "never further than with no byte shared"


@pytest.mark.parametrize(
    ("m", "k", "n", "mode", "distance"),
    [
        (4, 16, 16, "row", 16),
        (4, 16, 8, "row", 8),
        (4, 8, 16, "row", 40),
        (4, 16, 16, "tile", 0),
        (4, 16, 12, "tile", 0),
        (4, 8, 16, "tile", 32),
        (4, 8, 9, "tile", 4),
    ],
)
def test_distances_of_linear_layers(m: int, k: int, n: int, mode: str, distance: int) -> None:
    assert overwrite_distance(linear(m, k, n), reading(mode)) == distance


def test_kernels_without_an_order_and_gaps_between_rows_want_them_apart() -> None:
    assert overwrite_distance(linear(4, 8, 8), reading("none")) is None
    for field, stride in (("x_row", 9), ("x_row", 0), ("x_col", 2), ("y_row", 9), ("y_col", 4)):
        assert overwrite_distance(linear(4, 8, 8, **{field: stride}), reading("tile")) is None


def window(**changed: object) -> Call:
    geometry = {
        "batch": 1, "in_c": 2, "in_h": 6, "in_w": 5, "out_c": 4, "out_h": 6, "out_w": 5,
        "kernel_h": 3, "kernel_w": 1, "stride_h": 1, "stride_w": 1, "pad_top": 1, "pad_left": 0,
        "x_stride": [60, 1, 10, 2], "y_stride": [120, 1, 20, 4], **changed,
    }  # fmt: skip
    views = [View(name, 0, (1,), (1,)) for name in "xy"]
    return Call("conv2d_s8", {"window": geometry}, (views[0],), (views[1],))


def test_a_window_stays_behind_the_first_row_it_reads() -> None:
    kernel = reading("row")
    assert overwrite_distance(window(), kernel) == 6 * 20 - 4 * 10
    assert overwrite_distance(window(pad_top=0), kernel) == 6 * 20 - 5 * 10 + 2
    fewer = window(out_h=3, stride_h=2, y_stride=[60, 1, 20, 4])
    assert overwrite_distance(fewer, kernel) == 3 * 20 - 3 * 10 + 2
    assert overwrite_distance(window(x_stride=[60, 30, 5, 1]), kernel) is None
    assert overwrite_distance(window(y_stride=[120, 30, 5, 1]), kernel) is None


def attention(heads: int, *, keys: str = "k") -> Call:
    shape = (1, heads, 4, 8)
    views = [View(name, 0, shape, (32 * heads, 32, 8, 1)) for name in ("x", keys, "v", "y")]
    return Call("attention_s8", {"batch0": 1, "batch1": heads}, tuple(views[:3]), (views[3],))


def test_queries_of_one_head_may_be_written_over() -> None:
    kernel = replace(REF, overwrite="queries")
    assert overwrite_distance(attention(1), kernel) == 0
    assert overwrite_distance(attention(2), kernel) is None
    assert overwrite_distance(attention(1), reading("none")) is None
    lives = {"x": (0, 0), "y": (0, 1)}
    assert overwrites_allowed([(attention(1), kernel, False)], lives, set()) == {("y", "x"): 0}
    keys = attention(1, keys="x")
    assert overwrites_allowed([(keys, kernel, False)], lives, set()) == {}, "keys lie there too"


LIVES = {"x": (0, 3), "y": (3, 5)}


def allowed(
    call: Call, *, lives: dict[str, tuple[int, int]] = LIVES, loop: bool = False, keep: str = ""
) -> dict[tuple[str, str], int]:
    other = (linear(1, 1, 1), reading("none"), False)
    calls = [other, other, other, (call, reading("tile"), loop)]
    return overwrites_allowed(calls, lives, {keep})


def test_offsets_of_views_count_in() -> None:
    assert allowed(linear(4, 8, 16)) == {("y", "x"): 32}
    assert allowed(linear(4, 8, 16, y_offset=8)) == {("y", "x"): 40}
    assert allowed(linear(4, 8, 16, x_offset=6)) == {("y", "x"): 28}


def test_both_must_meet_in_this_step_alone() -> None:
    call = linear(4, 8, 16)
    assert allowed(call, lives={**LIVES, "x": (0, 4)}) == {}, "x is read again"
    assert allowed(call, lives={**LIVES, "y": (2, 5)}) == {}, "a part of y is there already"
    assert allowed(call, lives={"y": (3, 5)}) == {}, "x is a constant"
    assert allowed(call, keep="x") == {}, "x is an output of the model"
    assert allowed(call, loop=True) == {}
