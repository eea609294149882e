"""Arena plans: no two live buffers share a byte, and no plan beats the lower bound."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.planning.arena import PLANNERS, Buffer, align, lower_bound, plan_arena


@st.composite
def buffers(draw: st.DrawFn) -> list[Buffer]:
    found = []
    for index in range(draw(st.integers(1, 14))):
        first = draw(st.integers(0, 10))
        last = draw(st.integers(first, 11))
        found.append(Buffer(f"b{index}", draw(st.integers(1, 500)), first, last))
    return found


@pytest.mark.parametrize("planner", PLANNERS)
@given(items=buffers())
def test_live_buffers_never_share_a_byte(planner: str, items: list[Buffer]) -> None:
    plan = plan_arena(items, [planner])
    for one, two in combinations(items, 2):
        if one.overlaps(two):
            start, other = plan.offsets[one.name], plan.offsets[two.name]
            assert start + one.size <= other or other + two.size <= start
    assert all(0 <= plan.offsets[b.name] <= plan.size - align(b.size) for b in items)
    assert all(plan.offsets[b.name] % 4 == 0 for b in items)
    assert plan.size >= lower_bound(items)


@given(items=buffers())
def test_the_best_planner_wins(items: list[Buffer]) -> None:
    sizes = {name: plan_arena(items, [name]).size for name in PLANNERS}
    best = plan_arena(items)
    assert best.size == min(sizes.values())
    assert sizes[best.planner] == best.size


def test_a_chain_needs_only_two_neighbours() -> None:
    chain = [Buffer(f"b{i}", 100, i, i + 1) for i in range(6)]
    assert plan_arena(chain).size == lower_bound(chain) == 200


def test_an_empty_arena_has_no_bytes() -> None:
    assert plan_arena([]).size == 0
