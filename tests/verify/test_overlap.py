"""Overlap inside a call, against kernels acted out byte by byte."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.operators.accesses import Block
from tinyrig.generator.operators.table import accesses_of
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.view import View
from tinyrig.generator.verify.overlap import apart, clash

X = View("x", 0, (1,), (1,))


def early(
    op: str, params: dict, mode: str, places: tuple[int, ...], *, shared: bool = False
) -> bool:
    """Whether the verifier finds a byte that is written before its last reading."""
    call = Call(op, params, (X,) * (len(places) - 1), (X,))
    return clash(call, mode, accesses_of(call), places, shared=shared) is not None


def linear(m: int, k: int, n: int) -> dict:
    return {"m": m, "k": k, "n": n, "x_row": k, "x_col": 1, "y_row": n, "y_col": 1}


def acted_linear(m: int, k: int, n: int, mode: str, x: int, y: int) -> bool:
    """Whether rows of y written in order spoil a row of x before it is read."""
    written: set[int] = set()
    for row in range(m):
        own = {y + row * n + j for j in range(n)}
        written |= own if mode == "row" else set()
        if written & {x + row * k + j for j in range(k)}:
            return True
        written |= own
    return False


@given(
    st.integers(1, 5),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from(["row", "tile"]),
    st.integers(0, 60),
)
@example(4, 3, 5, "tile", 6)
@example(4, 3, 5, "tile", 5)
@example(4, 3, 5, "row", 11)
@example(4, 3, 5, "row", 10)
@example(4, 5, 3, "row", 3)
@example(4, 5, 3, "row", 2)
def test_linear_layers_follow_over_their_rows(
    m: int, k: int, n: int, mode: str, behind: int
) -> None:
    places = (100 + behind, 100)
    assert early("linear_s8", linear(m, k, n), mode, places) == acted_linear(m, k, n, mode, *places)


def test_nothing_follows_where_no_order_is_known() -> None:
    params = linear(3, 4, 4)
    assert not early("linear_s8", params, "tile", (0, 0))
    assert early("linear_s8", params, "none", (0, 0))
    assert early("linear_s8", params, "tile", (0, 0), shared=True)
    assert not early("linear_s8", params, "none", (0, 12))
    assert early("linear_s8", params, "none", (0, 11))


def window(rows: int, kernel: int, stride: int, pad: int, batch: int, channels: int) -> dict:
    out = (rows + 2 * pad - kernel) // stride + 1
    return {
        "window": {
            "batch": batch, "in_c": 2, "in_h": rows, "in_w": 3,
            "out_c": channels, "out_h": out, "out_w": 3,
            "kernel_h": kernel, "kernel_w": 1, "stride_h": stride, "stride_w": 1,
            "pad_top": pad, "pad_left": 0,
            "x_stride": [rows * 6, 1, 6, 2],
            "y_stride": [out * 3 * channels, 1, 3 * channels, channels],
        }
    }  # fmt: skip


def acted_window(p: dict, x: int, y: int) -> bool:
    """Whether rows of y written in order spoil a row of x that this row or a later one reads."""
    w = p["window"]
    row_x, row_y = 6, w["y_stride"][2]
    spoilt: set[int] = set()
    for image in range(w["batch"]):
        for row in range(w["out_h"]):
            start = y + image * w["y_stride"][0] + row * row_y
            spoilt |= set(range(start, start + row_y))
            first = row * w["stride_h"] - w["pad_top"]
            for read in range(max(0, first), min(w["in_h"], first + w["kernel_h"])):
                at = x + image * w["x_stride"][0] + read * row_x
                if spoilt & set(range(at, at + row_x)):
                    return True
    return False


@given(
    st.integers(1, 6),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(0, 1),
    st.integers(1, 2),
    st.integers(1, 4),
    st.integers(-8, 40),
)
def test_windows_follow_over_the_rows_above_them(
    rows: int, kernel: int, stride: int, pad: int, batch: int, channels: int, behind: int
) -> None:
    rows = max(rows, kernel)
    pad = min(pad, kernel - 1)
    p = window(rows, kernel, stride, pad, batch, channels)
    places = (100 + behind, 100)
    acted = acted_window(p, *places)
    found = early("maxpool2d_s8", p, "row", places)
    assert found or not acted, "a spoilt row is always found"
    if kernel >= stride:
        unread = (p["window"]["out_h"] - 1) * stride - pad + kernel < rows
        assert found == acted or unread, "and nothing else is"


def block(extent: tuple[int, ...], a: tuple[int, ...], y: tuple[int, ...]) -> dict:
    fill = 6 - len(extent)
    return {
        "extent": (1,) * fill + extent,
        "x_stride": (0,) * fill + a,
        "y_stride": (0,) * fill + y,
    }


def attention(heads: int) -> dict:
    """Queries of 4 x 8 bytes a head, 4 keys."""
    row = (32 * heads, 32, 8, 1)
    shape = {"batch0": 1, "batch1": heads, "s": 4, "t": 4, "p": 8, "r": 8, "k_slack": 0}
    return shape | {f"{name}_stride": row for name in "qkvy"}


def test_attention_of_one_head_writes_over_its_queries_alone() -> None:
    for y in (100, 96, 104):
        places = (100, 200, 300, y)
        assert not early("attention_s8", attention(1), "queries", places, shared=True)
        assert early("attention_s8", attention(1), "none", places, shared=True)
    assert early("attention_s8", attention(2), "queries", (100, 200, 300, 100), shared=True)
    assert early("attention_s8", attention(1), "queries", (100, 200, 300, 200), shared=True)
    assert early("attention_s8", attention(1), "queries", (100, 200, 300, 300), shared=True)


def test_elementwise_operators_write_over_the_same_element_alone() -> None:
    assert not early("unary_s8", block((4, 8), (8, 1), (8, 1)), "none", (0, 0))
    assert early("unary_s8", block((4, 8), (0, 1), (8, 1)), "none", (0, 0)), "repeated rows"
    assert early("unary_s8", block((4, 8), (8, 1), (8, 1)), "none", (0, 1)), "one element on"
    assert early("unary_s8", block((4, 4), (1, 4), (4, 1)), "none", (0, 0)), "transposed"
    assert early("unary_s8", block((3, 4), (2, 1), (4, 1)), "none", (0, 0)), "overlapping windows"
    assert not early("unary_s8", block((1, 8), (0, 1), (8, 1)), "none", (0, 0)), "one row"


def test_the_second_operand_may_not_be_another_view_of_what_is_written() -> None:
    def add(b: tuple[int, ...], at: int) -> bool:
        shape = (1, 1, 1, 1, 4, 4)
        params = {"extent": shape, "a_stride": (0, 0, 0, 0, 4, 1), "b_stride": b,
                  "y_stride": (0, 0, 0, 0, 4, 1)}  # fmt: skip
        return early("add_s8", params, "none", (0, at, 0), shared=True)

    assert not add((0, 0, 0, 0, 4, 1), 0)
    assert add((0, 0, 0, 0, 1, 4), 0), "its transpose"
    assert add((0, 0, 0, 0, 0, 1), 0), "its first row for all"
    assert add((0, 0, 0, 0, 4, 1), 4), "a row further"
    assert not add((0, 0, 0, 0, 4, 1), 16), "behind it"


def test_sums_are_finished_in_place_from_one_address_alone() -> None:
    dense = {"m": 3, "n": 5, "acc_row": 5, "y_row": 5, "y_col": 1}
    assert not early("requant_s32_s8", dense, "none", (0, 0))
    assert early("requant_s32_s8", dense, "none", (0, 4))
    assert early("requant_s32_s8", {**dense, "y_row": 6}, "none", (0, 0))


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(-6, 12)), min_size=1, max_size=3))
@example([(2, 0)])
@example([(2, 3), (3, 2)])
def test_a_block_lies_apart_when_no_byte_is_named_twice(axes: list[tuple[int, int]]) -> None:
    one = Block(tuple(extent for extent, _ in axes), tuple(stride for _, stride in axes))
    addresses = one.addresses()
    assert apart(one) == (len(np.unique(addresses)) == addresses.size)
    assert (one.first, one.end) == (addresses.min(), addresses.max() + 1)
