"""Where the search for tiles begins: with a choice of every step that fits by itself."""

from __future__ import annotations

import pytest
from verify.tiled_graphs import L1, PARTS, graph_of

from tinyrig.generator.options import ALL
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.lifetime import lifetimes
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.tiling.choose import choose
from tinyrig.generator.planning.tiling.options import Choice, all_choices
from tinyrig.generator.planning.tiling.start import best_start, cycles_from


def weighed(name: str, room: int) -> tuple[Space, tuple[tuple[Choice, ...], ...]]:
    space = Space(run_passes(graph_of(name), ALL), load_board("gap9"), ALL)
    schedule = space.laid({}).schedule
    return space, all_choices(space.graph, schedule, space.offers, room, {})


@pytest.mark.parametrize("name", PARTS)
def test_a_start_fits_and_less_room_takes_no_fewer_cycles(name: str) -> None:
    _, steps = weighed(name, L1[name])
    for offered in steps:
        slow = {operand.storage for operand in offered[0].operands}
        cycles = []
        for room in (L1[name], 2 * L1[name], 1 << 20):
            start = best_start(offered, slow, 0, room)
            assert start is not None
            one = offered[start.choice]
            block = one.constants.small + one.constants.weights * start.weights
            taken = one.scratch + sum(each.room for each in one.operands) + block
            assert taken <= room
            cycles.append(cycles_from(one, start, slow))
        assert cycles == sorted(cycles, reverse=True)
        assert best_start(offered, slow, L1[name], L1[name]) is None


@pytest.mark.parametrize("name", PARTS)
def test_what_is_chosen_takes_no_more_than_the_starts_together(name: str) -> None:
    space, steps = weighed(name, L1[name])
    schedule = space.laid({}).schedule
    chosen = choose(steps, schedule.storages, lifetimes(schedule), L1[name])
    assert chosen is not None
    for offered, taken in zip(steps, chosen.choices, strict=True):
        assert taken in offered
