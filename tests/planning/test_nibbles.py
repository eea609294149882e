"""Weights of four bits: how they lie two a byte, which layers get them, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.options import ALL, NONE, Options, parse_options
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.flash import CODE_RESERVE
from tinyrig.generator.planning.layout import lay_out
from tinyrig.generator.planning.nibbles import holds_nibbles, nibble_rows
from tinyrig.generator.planning.packing import weight_stream
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.search.budget import flash_needs

_ROWS, _WIDE, _NARROW = 9, 600, 40


def _graph(*bits: int) -> Graph:
    """Two linear layers, of weights of so many bits."""
    b = GraphBuilder(5)
    graph = b.graph([b.linear(b.linear(b.input((_ROWS, 64)), _WIDE), _NARROW)])
    nodes = []
    for node, count in zip(graph.nodes, bits, strict=True):
        assert isinstance(node, Linear)
        nodes.append(replace(node, weight=node.weight >> (8 - count)))
    return replace(graph, nodes=tuple(nodes))


def _packs(plan: Plan) -> list[str]:
    return [step.kernel.pack for step in plan.steps]


def _plan(graph: Graph, options: Options, flash: int | None = None) -> Plan:
    board = load_board("stm32f427")
    if flash is not None:
        board = replace(board, flash=replace(board.flash, size=flash))
    return cheapest_plan(graph, board, options=replace(options, cycles="0ws"))


@given(n=st.integers(1, 7), k=st.integers(1, 40), sums=st.booleans(), seed=st.integers(0, 99))
def test_a_stream_of_nibbles_is_that_of_bytes_by_halves(
    n: int, k: int, sums: bool, seed: int
) -> None:
    """The first word of a group in the upper halves, the other below; start values 16-fold."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(-8, 8, (n, k), dtype=np.int8)
    tables = rng.integers(-(2**26), 2**26, (2, n), dtype=np.int32)
    scales = None if sums else (tables[0], tables[1])
    whole = weight_stream(rows, 8, scales).reshape((n + 1) // 2, -1)
    halves = weight_stream(rows, 4, scales).reshape((n + 1) // 2, -1)
    ends = 0 if sums else 8
    units = whole[:, ends : whole.shape[1] - ends].reshape(len(whole), -1, 2, 4)
    packed = halves[:, ends : halves.shape[1] - ends].reshape(len(whole), -1, 4)
    assert np.array_equal(packed >> 4, units[:, :, 0])
    assert np.array_equal((packed << 4).astype(np.int8) >> 4, units[:, :, 1])
    if not sums:
        start = [np.ascontiguousarray(pairs[:, :8]).view("<i4") for pairs in (whole, halves)]
        assert np.array_equal(16 * start[0], start[1])
        assert np.array_equal(whole[:, -8:], halves[:, -8:])


@given(count=st.integers(1, 9), seed=st.integers(0, 99))
def test_rows_lie_two_a_byte(count: int, seed: int) -> None:
    rows = np.random.default_rng(seed).integers(-8, 8, (1, count), dtype=np.int8)
    stored = nibble_rows(rows)
    assert stored.size == (count + 1) // 2
    found = np.stack([(stored << 4).astype(np.int8) >> 4, stored >> 4], axis=1).ravel()
    assert found[:count].tolist() == rows.ravel().tolist()


def _call(weight: int, start: int, columns: int) -> Call:
    weights = Table(np.full((1, columns), weight, np.int8), "weights")
    begin = Table(np.array([start], np.int32), "weights")
    return Call("linear_s8", {"weight": weights, "start": begin}, (), ())


@pytest.mark.parametrize("sign", [-1, 1])
def test_weights_and_sums_have_a_limit(sign: int) -> None:
    """Four bits, and sixteen times a sum within 32."""
    assert holds_nibbles(_call(7, 0, 8))
    assert holds_nibbles(_call(-8, 0, 8))
    assert not holds_nibbles(_call(8, 0, 8))
    assert not holds_nibbles(_call(-9, 0, 8))
    room = 2**27 - 128 * 8 * 16
    assert holds_nibbles(_call(-8, sign * (room - 1), 16))
    assert not holds_nibbles(_call(-8, sign * room, 16))


def test_what_does_not_fit_is_not_cut() -> None:
    with pytest.raises(InternalError, match="four bits"):
        nibble_rows(np.array([[7, 8]], np.int8))
    with pytest.raises(InternalError, match="four bits"):
        weight_stream(np.full((2, 8), -9, np.int8), 4, None)


def test_fewest_bytes_take_half_of_them() -> None:
    graph = _graph(4, 8)
    few = _plan(graph, replace(ALL, optimize="flash"))
    assert _packs(few) == ["stream4", "stream8"]
    plain = _plan(graph, parse_options(["optimize=flash"], ["nibbles"]))
    assert _packs(plain) == ["stream8", "stream8"]
    assert plain.flash_bytes("weights") - few.flash_bytes("weights") == 64 * _WIDE // 2


def test_bytes_are_kept_where_flash_has_room() -> None:
    graph = _graph(4, 4)
    assert not any(pack.endswith("4") for pack in _packs(_plan(graph, ALL)))
    assert not any(pack.endswith("4") for pack in _packs(_plan(graph, NONE)))


def test_flash_too_small_for_bytes_takes_nibbles_as_far_as_it_must() -> None:
    graph = _graph(4, 4)
    fastest = replace(ALL, optimize="cycles")
    dense = _plan(graph, parse_options(["optimize=flash"], ["nibbles"]))
    beside = flash_needs(dense.graph, dense.tables, dense.steps).inside + CODE_RESERVE
    bytes_ = dense.flash_bytes("weights")
    half, other = 64 * _WIDE // 2, _WIDE * _NARROW // 2
    assert _packs(_plan(graph, ALL, bytes_ + beside)) == ["stream8", "stream8"]
    least = bytes_ - half - other
    for room in (bytes_ - 1, least + other, least):
        plan = _plan(graph, fastest, room + beside)
        assert "stream4" in _packs(plan)
        assert plan.flash_bytes("weights") <= room
        assert plan.weights_region == plan.board.flash.name
    assert _packs(plan) == ["stream4", "stream4"]


def test_equal_shapes_of_other_weights_are_weighed_apart() -> None:
    b = GraphBuilder(5)
    graph = b.graph([b.linear(b.linear(b.input((_ROWS, 64)), 64), 64)])
    first, second = graph.nodes
    assert isinstance(first, Linear)
    assert isinstance(second, Linear)
    alike = replace(second, start=first.start, requant=first.requant, lut=first.lut)
    graph = replace(graph, nodes=(first, replace(alike, weight=second.weight >> 4)))
    plan = _plan(graph, parse_options(["optimize=flash"], []))
    assert _packs(plan) == ["stream8", "stream4"]


def test_a_call_says_what_its_weights_allow() -> None:
    found = {}
    for bits in (4, 5):
        graph = _graph(bits, 8)
        (call,) = bind(graph, lay_out(graph).steps[0])
        found[bits] = holds_nibbles(call)
    assert found == {4: True, 5: False}
