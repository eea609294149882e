"""Plans with weights behind slow memory, or tiled by channels: what is wrong is refused."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest
from chain.graph_builder import GraphBuilder
from verify.plans import fault

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.options import ALL
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.flash import CODE_RESERVE
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.stages import Stage

L2 = CODE_RESERVE + 40_000
L1 = 16_384


def board(l1: int = 0, l2: int = 0) -> Board:
    found = load_board("gap9")
    found = replace(found, flash=replace(found.flash, size=l2)) if l2 else found
    return found.with_l1(l1) if l1 else found


def layers() -> Graph:
    """Layers of many weights, one of them with windows."""
    b = GraphBuilder(7)
    x = b.conv(b.input((1, 16, 8, 8)), 64, Window(kernel=(3, 3), pads=(1, 1, 1, 1)))
    y = b.linear(b.linear(b.input((24, 96)), 192), 128)
    return b.graph([b.conv(x, 96, Window(kernel=(1, 1))), b.linear(y, 160)])


@functools.cache
def plan(l1: int = 0, l2: int = 0) -> Plan:
    return cheapest_plan(run_passes(layers(), ALL), board(l1, l2), options=ALL)


def with_stage(found: Plan, old: Stage, new: Stage) -> Plan:
    assert found.stages is not None
    every = tuple(new if one is old else one for one in found.stages.stages)
    return replace(found, stages=replace(found.stages, stages=every))


@pytest.mark.parametrize("l1", [0, L1])
def test_what_slow_memory_has_no_room_for_lies_behind_it(l1: int) -> None:
    found = plan(l1, L2)
    assert found.stages is not None
    assert found.residents is not None
    held = sum(block.size for block in found.residents.blocks) - found.stages.behind
    assert held + found.stages.size <= L2 - CODE_RESERVE
    assert fault(found) == ""
    assert plan(l1).stages is None


@pytest.mark.parametrize("l1", [0, L1])
def test_a_copy_that_comes_late_or_over_another_is_refused(l1: int) -> None:
    found = plan(l1, L2)
    assert found.stages is not None
    last = found.stages.stages[-1]
    assert fault(with_stage(found, last, replace(last, start=last.block)))
    assert fault(with_stage(found, last, replace(last, size=last.size - 16)))
    assert fault(with_stage(found, last, replace(last, offset=found.stages.size)))
    meeting = [
        (one, two)
        for one in found.stages.stages
        for two in found.stages.stages
        if one.block < two.block and two.start <= one.last
    ]
    for one, two in meeting[:2]:
        assert fault(with_stage(found, two, replace(two, offset=one.offset)))


def test_tables_that_cores_read_in_slow_memory_are_kept_while_they_are_read() -> None:
    found = plan(0, L2)
    assert found.stages is not None
    stages = found.stages.stages
    reading = [one for one in stages if one.tables and one is not stages[-1]]
    for one in reading:
        over = next(two for two in stages if two.block > one.block)
        changed = replace(over, start=one.block, offset=one.offset)
        assert fault(with_stage(found, over, changed))


def test_a_model_beyond_both_memories_is_refused() -> None:
    found = board(0, L2)
    assert found.l3 is not None
    tiny = replace(found, l3=replace(found.l3, size=16))
    with pytest.raises(FitError, match="'l3'"):
        cheapest_plan(run_passes(layers(), ALL), tiny, options=ALL)


def test_weights_larger_than_fast_memory_are_copied_by_channels() -> None:
    """A layer's blocks have all of its weights, each once, and cores read none in slow memory."""
    found = plan(L1)
    assert found.residents is not None
    assert not found.residents.outside
    several = [
        {step.block for step in found.steps[first:end]}
        for first, end in found.layers
        if len({step.block for step in found.steps[first:end]}) > 1
    ]
    assert len(several) > 1
    assert found.clean.size + found.residents.size <= L1
    assert fault(found) == ""


def test_parts_by_channels_are_parts_of_their_own_channels() -> None:
    """Two parts of a layer that change places make what the graph does not."""
    found = plan(L1)
    first, end = next(
        (first, end)
        for first, end in found.layers
        if len({step.block for step in found.steps[first:end]}) > 1
        and found.steps[first].op == "linear"
    )
    one, two = (
        next(n for n in range(first, end) if found.steps[n].block == block)
        for block in sorted({step.block or 0 for step in found.steps[first:end]})[:2]
    )
    scheduled = list(found.schedule.steps)
    scheduled[one] = replace(
        scheduled[one],
        nodes=scheduled[two].nodes,  # type: ignore[call-arg,union-attr]
    )
    changed = replace(found, schedule=replace(found.schedule, steps=tuple(scheduled)))
    assert fault(changed)
