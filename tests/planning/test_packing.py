"""Weight streams, and which layers get 16 bits a weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.flash import CODE_RESERVE
from tinyrig.generator.planning.packing import (
    byte_row_stream,
    depthwise_stream,
    first_stream,
    norm_stream,
    packed,
    row_stream,
    tap_stream,
    weight_stream,
    winograd_rows,
)
from tinyrig.generator.planning.plan import Plan, make_plan
from tinyrig.generator.planning.search.budget import flash_needs

_SHAPE = (9, 64)


def _column(units: Int8Array, width: int, column: int) -> list[int]:
    """A column of a pair's units, as arm/weight_stream.h lays it."""
    values = []
    for group in units.view(f"<i{width // 8}").reshape(-1, 8):
        if width == 8:
            even, odd = group[column:4:2], group[4 + column :: 2]
            values += [even[0], odd[0], even[1], odd[1]]
        else:
            even, odd = (group[4 * column + 2 * parity :][:2] for parity in (0, 1))
            values += [even[0], odd[0], even[1], odd[1]]
    return values


@given(
    n=st.integers(1, 7),
    k=st.integers(1, 40),
    width=st.sampled_from([8, 16]),
    sums=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_stream_holds_every_weight(n: int, k: int, width: int, sums: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.integers(-128, 128, (n, k), dtype=np.int8)
    tables = rng.integers(-(2**31), 2**31, (2, n), dtype=np.int32)
    scales = None if sums else (tables[0], tables[1])
    pairs = weight_stream(rows, width, scales).reshape((n + 1) // 2, -1)
    first = (k - 1) % 8 + 1
    for number, pair in enumerate(pairs):
        last = n % 2 and number == n // 2
        columns = [max(n - 2, 0), n - 1] if last else [2 * number, 2 * number + 1]
        units = pair if sums else pair[8:-8]
        for place, column in enumerate(columns):
            padded = [*rows[column, :first], *[0] * (8 - first), *rows[column, first:]]
            if sums and last and place == 0:
                padded = [0] * len(padded)
            assert _column(units.copy(), width, place) == padded
        if not sums:
            assert pair[:8].copy().view("<i4").tolist() == tables[0, columns].tolist()
            assert pair[-8:].copy().view("<i4").tolist() == tables[1, columns].tolist()


@pytest.mark.parametrize("length", [1, 4, 6, 11])
def test_constants_of_a_layernorm_stand_by_fours(length: int) -> None:
    """Even elements first, gammas' upper halves, and zeros past the end."""
    gamma = np.arange(-3, length - 3, dtype=np.int32) << 16
    start = np.arange(100_000, 100_000 + length, dtype=np.int32)
    fours = norm_stream(gamma, start).reshape(-1, 2, 3)
    assert len(fours) == -(-length // 4)
    for i in range(4 * len(fours)):
        words = fours[i // 4, i % 2]
        gains = words[2:].view(np.int16)
        found = int(words[i // 2 % 2]), int(gains[i // 2 % 2])
        assert found == ((int(start[i]), int(gamma[i]) >> 16) if i < length else (0, 0))


def _graph() -> Graph:
    b = GraphBuilder(5)
    return b.graph([b.linear(b.linear(b.input(_SHAPE), 600), 40)])


def _plan(board: Board, flash: int) -> Plan:
    options = replace(ALL, cycles="0ws")
    smaller = replace(board, flash=replace(board.flash, size=flash))
    return make_plan(_graph(), smaller, options=options)


def _bits(plan: Plan) -> list[int]:
    """How wide the weights of each step lie in flash, in whatever order."""
    return [16 if step.kernel.pack.endswith("16") else 8 for step in plan.steps]


def _stored(plan: Plan) -> int:
    needs = flash_needs(plan.graph, plan.tables, plan.steps)
    return needs.weights + needs.tables + needs.parameters


@pytest.mark.parametrize("name", ["stm32f427", "stm32f746"])
def test_weights_are_widened_as_far_as_flash_goes(name: str) -> None:
    board = load_board(name)
    beside = _SHAPE[0] * _SHAPE[1] + CODE_RESERVE
    narrow, wide = _plan(board, 0x1_8000), _plan(board, 0x10_0000)
    assert (_bits(narrow), _bits(wide)) == ([8, 8], [16, 16])
    least, most = (_stored(plan) + beside for plan in (narrow, wide))
    assert _bits(_plan(board, least)) == [8, 8]
    assert sorted(_bits(_plan(board, most - 1))) == [8, 16]
    assert _bits(_plan(board, most)) == [16, 16]
    up, down = 600 * 64, 40 * 600
    for flash in (least, least + down, least + up, most - 1, most):
        plan = _plan(board, flash)
        assert plan.weights_region == board.flash.name
        assert _stored(plan) <= flash - CODE_RESERVE


def test_a_depthwise_stream_pairs_the_lines_of_a_window() -> None:
    window = np.arange(1, 10, dtype=np.int8).reshape(1, 3, 3)
    scales = (np.array([70000], np.int32), np.array([-5], np.int32))
    stream = depthwise_stream(window, scales)
    assert stream[:8].view("<i4").tolist() == [70000, -5]
    halves = stream[8:].view("<i2").reshape(-1, 2).tolist()
    upper, lower = [[1, 4], [2, 5], [3, 6]], [[4, 7], [5, 8], [6, 9]]
    assert halves == [lower[2], *upper, *lower[:2]]


@given(seed=st.integers(0, 99), extreme=st.booleans())
def test_winograds_products_are_four_times_the_direct_ones(seed: int, extreme: bool) -> None:
    rng = np.random.default_rng(seed)
    bytes_ = np.array([-128, 127]) if extreme else np.arange(-128, 128)
    weight = rng.choice(bytes_, (3, 3, 3, 2)).astype(np.int8)
    cells = rng.choice(bytes_, (4, 4, 2))
    inward = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
    outward = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])
    places = np.einsum("ia,jb,abc->ijc", inward, inward, cells)
    rows = winograd_rows(weight).reshape(3, 4, 4, 2)
    sums = np.einsum("pi,qj,nijc,ijc->npq", outward, outward, rows.astype(np.int64), places)
    for p, q in np.ndindex(2, 2):
        direct = np.einsum("nabc,abc->n", weight.astype(np.int64), cells[p : p + 3, q : q + 3])
        assert sums[:, p, q].tolist() == (4 * direct).tolist()


@pytest.mark.parametrize(("out_h", "out_w", "down"), [(5, 5, False), (4, 5, False), (6, 5, True)])
def test_depthwise_columns_go_along_the_longer_axis(out_h: int, out_w: int, down: bool) -> None:
    weight = np.arange(9, dtype=np.int8).reshape(1, 3, 3, 1)
    start, multiplier = np.array([3], np.int32), np.array([4], np.int32)
    requant = {"multiplier": Table(multiplier, "weights"), "channel_step": 1}
    params = {"window": {"out_h": out_h, "out_w": out_w}, "weight": Table(weight, "weights")}
    params |= {"start": Table(start, "weights"), "requant": requant}
    table = packed(Call("conv2d_s8", params, (), ()), "depthwise3").params["weight"]
    assert isinstance(table, Table)
    lines = weight[..., 0].transpose(0, 2, 1) if down else weight[..., 0]
    assert table.values.tolist() == depthwise_stream(lines, (start, multiplier)).tolist()


@pytest.mark.parametrize(("channels", "fours"), [(4, [0]), (6, [0, 2]), (9, [0, 4, 5])])
def test_a_stream_of_taps_pairs_them_channel_by_channel(channels: int, fours: list[int]) -> None:
    taps = np.arange(1, 3 * channels + 1, dtype=np.int8).reshape(channels, 3)
    start = np.arange(100, 100 + channels, dtype=np.int32)
    stream = tap_stream(taps, (start, -start)).view("<i4").reshape(len(fours), -1)
    for words, first in zip(stream, fours, strict=True):
        own = range(first, first + 4)
        assert words[:4].tolist() == [100 + channel for channel in own]
        assert words[-4:].tolist() == [-100 - channel for channel in own]
        halves = words[4:-4].copy().view("<i2").reshape(2, 4, 2).tolist()
        assert halves[0] == [[3 * channel + 1, 3 * channel + 2] for channel in own]
        assert halves[1] == [[3 * channel + 3, 0] for channel in own]


@pytest.mark.parametrize(("n", "fours"), [(4, [0]), (6, [0, 2]), (9, [0, 4, 5])])
@pytest.mark.parametrize("width", [8, 16])
def test_a_stream_of_one_row_goes_by_four_columns(n: int, fours: list[int], width: int) -> None:
    """Nine values a column: the first unit has one of them and zeros, the second the others."""
    rows = np.arange(1, 9 * n + 1, dtype=np.int8).reshape(n, 9)
    start = np.arange(100, 100 + n, dtype=np.int32)
    make = byte_row_stream if width == 8 else row_stream
    stream = make(rows, (start, -start)).reshape(len(fours), -1)
    for constants, first in zip(stream, fours, strict=True):
        own = range(first, first + 4)
        assert constants[-16:].view("<i4").tolist() == [-100 - column for column in own]
        words = constants[16:-16].copy().view(f"<i{width // 8}").reshape(-1, 4, 32 // width)
        for at, column in enumerate(own):
            groups = words[:, at].reshape(4, 4)
            groups = groups ^ [-128, 0] * 2 if width == 8 else groups[:, [0, 2, 1, 3]]
            values = [9 * column + 1, *[0] * 7, *range(9 * column + 2, 9 * column + 10)]
            assert groups.ravel().tolist() == values
            raised = sum(value + 128 for value in values[::2])
            begin = 256 * (100 + column) - 127 * raised if width == 8 else 100 + column
            assert constants[:16].view("<i4")[at] == begin


def test_a_first_layers_stream_pairs_taps_of_two_channels() -> None:
    """Three channels of three taps: the second comes twice, the last tap beside a zero."""
    taps = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], np.int8)
    scales = (np.array([70000, -2, 3], np.int32), np.array([-5, 6, 7], np.int32))
    words = first_stream(taps, scales).view("<i4").reshape(2, -1)
    assert words[:, :4].tolist() == [[70000, -2, -5, 6], [-2, 3, 6, 7]]
    halves = words[:, 4:].copy().view("<i2").reshape(2, 2, 2, 2).tolist()
    one, two, three = [[1, 2], [3, 0]], [[4, 5], [6, 0]], [[7, 8], [9, 0]]
    assert halves[0] == [[one[0], two[0]], [one[1], two[1]]]
    assert halves[1] == [[two[0], three[0]], [two[1], three[1]]]


@pytest.mark.parametrize(("pack", "order"), [("first", (0, 2, 1, 3)), ("firstdown", (0, 1, 2, 3))])
def test_taps_of_a_first_layer_lie_column_by_column(pack: str, order: tuple[int, ...]) -> None:
    weight = np.arange(24, dtype=np.int8).reshape(2, 3, 2, 2)
    tables = (np.array([3, 4], np.int32), np.array([5, 6], np.int32))
    requant = {"multiplier": Table(tables[1], "weights"), "channel_step": 1}
    params = {"weight": Table(weight, "weights"), "start": Table(tables[0], "weights")}
    table = packed(Call("conv2d_s8", {**params, "requant": requant}, (), ()), pack).params["weight"]
    assert isinstance(table, Table)
    taps = weight.transpose(order).reshape(2, -1)
    assert table.values.tolist() == first_stream(taps, tables).tolist()
