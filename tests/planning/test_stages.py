"""Blocks that lie behind slow memory: places for all that is live, and copies in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.resident import Block, Residents
from tinyrig.generator.planning.stages import Stages, plan_stages

L3 = load_board("gap9").l3
assert L3 is not None


def planned(sizes: list[int], cycles: int, room: int) -> Stages | None:
    blocks = tuple(Block(n, n, {}, size, 0) for n, size in enumerate(sizes))
    nothing: list[dict[str, Table]] = [{} for _ in sizes]
    assert L3 is not None
    residents = Residents(blocks, max(sizes), {}, ahead=False)
    return plan_stages(residents, nothing, [cycles] * len(sizes), L3, room)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 60).map(lambda n: n * 16), min_size=2, max_size=9),
    st.integers(0, 4000),
)
def test_slow_memory_holds_what_is_kept_and_what_comes(sizes: list[int], room: int) -> None:
    stages = planned(sizes, 4000, room)
    if stages is None:
        return
    assert sum(sizes) - stages.behind + stages.size <= room
    assert all(stage.block > 0 for stage in stages.stages)
    for one in stages.stages:
        assert one.start < one.block
        for two in stages.stages:
            meet = one.start <= two.last and two.start <= one.last
            apart = one.offset + one.size <= two.offset or two.offset + two.size <= one.offset
            assert one is two or not meet or apart


def test_nothing_is_planned_where_two_blocks_have_no_room() -> None:
    assert planned([1600, 1600, 1600], 4000, 1600) is None
    assert planned([1600, 1600, 1600, 1600], 4000, 4800) is not None


def test_short_steps_have_their_blocks_copied_long_before() -> None:
    """A copy takes as long as four blocks are used; two large ones have one place by turns."""
    sizes = [16] * 6 + [3200] + [16] * 6 + [3200]
    stages = planned(sizes, 1000, 3600)
    assert stages is not None
    large = [stage for stage in stages.stages if stage.size == 3200]
    assert [(stage.block, stage.start) for stage in large] == [(6, 0), (13, 6)]


def test_what_cores_read_in_slow_memory_stays_until_its_block_has_ended() -> None:
    tables = [{"t": Table(np.zeros(320, np.int8), "weights")} for _ in range(4)]
    blocks = tuple(Block(n, n, {}, 1600, 0) for n in range(4))
    residents = Residents(blocks, 1600, {}, ahead=False)
    assert L3 is not None
    found = plan_stages(residents, tables, [4000] * 4, L3, 3 * 1920)
    assert found is not None
    assert found.stages
    assert all(stage.last == stage.block and stage.size == 1920 for stage in found.stages)


def test_what_the_memory_behind_cannot_hold_is_not_planned() -> None:
    assert L3 is not None
    small = replace(L3, size=1000)
    blocks = tuple(Block(n, n, {}, 1600, 0) for n in range(4))
    nothing: list[dict[str, Table]] = [{} for _ in blocks]
    residents = Residents(blocks, 1600, {}, ahead=False)
    assert plan_stages(residents, nothing, [1000] * 4, small, 4800) is None
