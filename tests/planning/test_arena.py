"""Arena plans: no two live buffers share a byte they need, and none beats the lower bound."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.planning.arena import (
    PLANNERS,
    ArenaPlan,
    live_bound,
    plan_arena,
    plan_parts,
)
from tinyrig.generator.planning.buffer import Buffer


@st.composite
def buffers(draw: st.DrawFn) -> list[Buffer]:
    found = []
    for index in range(draw(st.integers(1, 14))):
        first = draw(st.integers(0, 10))
        last = draw(st.integers(first, 11))
        found.append(Buffer(f"b{index}", draw(st.integers(1, 500)), first, last))
    return found


@st.composite
def overwrites(draw: st.DrawFn, items: list[Buffer]) -> dict[tuple[str, str], int]:
    """Pairs where the reader dies in the step in which the writer is born."""
    pairs = [(y, x) for y in items for x in items if x.last == y.first and x.first < y.first]
    chosen = [pair for pair in pairs if draw(st.booleans())]
    return {(y.name, x.name): draw(st.integers(-20, 60)) * 4 for y, x in chosen}


def assert_valid(items: list[Buffer], allowed: dict[tuple[str, str], int], plan: ArenaPlan) -> None:
    """By the definition: every byte of two live buffers differs, or the distance is kept."""
    offsets = plan.offsets
    for one, two in combinations(items, 2):
        if one.last < two.first or two.last < one.first:
            continue
        bytes_one = set(range(offsets[one.name], offsets[one.name] + one.size))
        bytes_two = range(offsets[two.name], offsets[two.name] + two.size)
        if bytes_one.isdisjoint(bytes_two):
            continue
        kept = [
            offsets[x] - offsets[y] >= distance
            for (y, x), distance in allowed.items()
            if {y, x} == {one.name, two.name}
        ]
        assert any(kept), (one, two)
    for item in items:
        assert offsets[item.name] % 4 == 0
        assert 0 <= offsets[item.name] <= plan.size - item.size


@pytest.mark.parametrize("planner", [*PLANNERS, "optimal"])
@settings(max_examples=60)
@given(data=st.data())
def test_live_buffers_never_share_a_byte_they_both_need(planner: str, data: st.DataObject) -> None:
    items = data.draw(buffers())
    allowed = data.draw(overwrites(items))
    plan = plan_arena(items, allowed, planner)
    assert_valid(items, allowed, plan)
    assert plan.size >= plan.lower_bound


@settings(max_examples=40)
@given(data=st.data())
def test_no_heuristic_beats_the_optimum_or_its_bound(data: st.DataObject) -> None:
    items = data.draw(buffers())
    allowed = data.draw(overwrites(items))
    best = plan_arena(items, allowed, "optimal")
    for name in PLANNERS:
        plan = plan_arena(items, allowed, name)
        assert plan.size >= best.size
        assert plan.size >= best.lower_bound


def test_the_search_finds_what_the_heuristics_miss() -> None:
    items = [Buffer("a", 8, 0, 1), Buffer("b", 4, 1, 2), Buffer("c", 8, 2, 3), Buffer("d", 4, 0, 0)]
    assert plan_arena(items, {}, "optimal").size == 12


def test_an_output_written_over_its_input_needs_no_second_place() -> None:
    items = [Buffer("x", 100, 0, 1), Buffer("y", 60, 1, 2)]
    assert plan_arena(items, {("y", "x"): 0}).size == 100
    assert plan_arena(items, {("y", "x"): 40}).size == 140
    assert plan_arena(items, {("y", "x"): 4}).size == 104
    assert plan_arena(items, {}).size == 160


def test_the_optimum_is_the_same_every_time() -> None:
    items = [Buffer(f"b{i}", 4 * (3 + i * 7 % 11), i % 5, i % 5 + i % 3) for i in range(12)]
    plans = [plan_arena(items, {}) for _ in range(3)]
    assert len({tuple(sorted(plan.offsets.items())) for plan in plans}) == 1


def test_a_chain_needs_only_two_neighbours() -> None:
    chain = [Buffer(f"b{i}", 100, i, i + 1) for i in range(6)]
    assert plan_arena(chain, {}).size == live_bound(chain, {}) == 200


def test_an_empty_arena_has_no_bytes() -> None:
    assert plan_arena([], {}).size == 0


def test_parts_in_turn_take_two_places() -> None:
    """Of three parts in a row the last is small: largest first would give it a third place."""
    sizes = [96, 96, 32] * 4
    parts = [Buffer(f"part {n}", size, n, n + 1) for n, size in enumerate(sizes)]
    assert plan_arena(parts, {}, "greedy").size > 192
    plan = plan_parts(parts, {}, 0)
    assert plan.size == plan.lower_bound == 192
    assert _apart(parts, plan)


def test_parts_that_lie_over_the_room_are_searched_for() -> None:
    sizes = [(16, 2, 5), (12, 0, 1), (20, 4, 6), (20, 5, 6), (32, 4, 4), (28, 5, 5)]
    parts = [Buffer(f"part {n}", *one) for n, one in enumerate(sizes)]
    assert plan_parts(parts, {}, 0).size == 88
    plan = plan_parts(parts, {}, 84)
    assert (plan.size, plan.planner) == (84, "optimal")
    assert _apart(parts, plan)


@pytest.mark.parametrize("planner", ["greedy", "head-tail", "none", "optimal"])
def test_offsets_are_multiples_of_what_a_buffer_asks_for(planner: str) -> None:
    sizes = [12, 20, 4, 28, 12, 36]
    mixed = [Buffer(f"b{n}", size, n // 3, n // 2, 4 + 4 * (n % 2)) for n, size in enumerate(sizes)]
    plan = plan_arena(mixed, {}, planner)
    assert all(plan.offsets[one.name] % one.alignment == 0 for one in mixed)
    assert _apart(mixed, plan)


def _apart(buffers: list[Buffer], plan: ArenaPlan) -> bool:
    at = plan.offsets
    return all(
        at[one.name] + one.size <= at[two.name] or at[two.name] + two.size <= at[one.name]
        for one, two in combinations(buffers, 2)
        if one.meets(two)
    )
