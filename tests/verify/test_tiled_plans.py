"""Plans of models that fast memory holds in parts: they fit, and wrong copies are refused."""

from __future__ import annotations

import functools
from dataclasses import replace
from itertools import pairwise

import pytest
from verify.plans import fault
from verify.tiled_graphs import L1, PARTS, graph_of

from tinyrig.generator.emit.infer import infer_functions
from tinyrig.generator.errors import FitError, InputError
from tinyrig.generator.options import ALL
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.step import Move, Transfers

GAP9 = load_board("gap9")
SAMPLED = 5
"""Copies that are left out, of all there are."""


@functools.cache
def tiled(name: str, l1: int = 0) -> Plan:
    board = GAP9.with_l1(l1 or L1[name])
    return cheapest_plan(run_passes(graph_of(name), ALL), board, options=ALL)


@pytest.mark.parametrize("name", PARTS)
def test_a_layer_larger_than_fast_memory_runs_in_parts(name: str) -> None:
    plan = tiled(name)
    assert plan.spill is not None
    assert plan.residents is not None
    assert plan.clean.size + plan.residents.size <= L1[name]
    assert len(plan.layers) < len(plan.steps)
    assert fault(plan) == ""


@pytest.mark.parametrize("name", PARTS)
def test_what_fits_stays_as_it_is(name: str) -> None:
    plan = tiled(name, 120_000)
    assert plan.spill is None
    assert not plan.schedule.transfers
    assert len(plan.layers) == len(plan.steps)


@pytest.mark.parametrize("name", ["windows", "rows", "queries"])
def test_copies_go_on_while_a_part_is_computed(name: str) -> None:
    """Both ways at once: the next part's operands in, the last one's output out.

    Of heads there are few parts, and waiting for their copies takes less than more parts do.
    """
    last = [transfers.phases[-1] for transfers in tiled(name).schedule.transfers.values()]
    assert any({move.inward for move in moves} == {True, False} for moves in last)


def test_the_last_part_leaves_while_the_next_one_comes_where_copies_are_waited_for() -> None:
    """One wait a part: nothing is under way while it is computed."""
    waited = [
        transfers.phases[0]
        for transfers in tiled("rows", 4096).schedule.transfers.values()
        if len(transfers.phases) > 1 and not transfers.phases[-1]
    ]
    assert any({move.inward for move in moves} == {True, False} for moves in waited)


@pytest.mark.parametrize("name", PARTS)
def test_what_is_waited_for_was_begun(name: str) -> None:
    plan = tiled(name)
    functions = infer_functions(plan, plan.clean, checked=False)
    calls = [line for lines in functions for line in lines if line.lstrip().startswith("tr_move_")]
    assert calls[-1] == "tr_move_wait();"
    for one, two in pairwise(calls):
        assert "start" in one or "start" in two


def test_strips_of_an_image_overlap_in_what_they_read() -> None:
    plan = tiled("windows")
    convs = [(plan.steps[first].op, end - first) for first, end in plan.layers][:2]
    assert all(op == "conv" and parts > 1 for op, parts in convs)


def test_images_run_in_strips_one_after_the_other() -> None:
    plan = tiled("images")
    first, end = plan.layers[0]
    assert plan.steps[first].op == "conv"
    assert end - first > 3
    batches = [step.call.params["window"]["batch"] for step in plan.steps[first:end]]
    assert batches == [1] * (end - first)


def with_transfers(plan: Plan, index: int, transfers: Transfers) -> Plan:
    changed = {**plan.schedule.transfers, index: transfers}
    return replace(plan, schedule=replace(plan.schedule, transfers=changed))


@pytest.mark.parametrize("name", PARTS)
def test_every_copy_is_needed(name: str) -> None:
    """Left out, some step reads what is not there, or the output is not."""
    plan = tiled(name)
    every = [
        (index, move)
        for index, transfers in plan.schedule.transfers.items()
        for moves in (transfers.leaving, *transfers.phases)
        for move in moves
    ]
    assert len(every) > SAMPLED
    for index, move in every[:: len(every) // SAMPLED]:
        transfers = plan.schedule.transfers[index]
        leaving, *phases = (
            tuple(one for one in moves if one is not move)
            for moves in (transfers.leaving, *transfers.phases)
        )
        assert fault(with_transfers(plan, index, Transfers(leaving, tuple(phases))))


@pytest.mark.parametrize("name", PARTS)
def test_a_layer_does_not_begin_before_its_first_part_is_there(name: str) -> None:
    plan = tiled(name)
    found = [
        (index, transfers)
        for index, transfers in plan.schedule.transfers.items()
        if len(transfers.phases) > 1
    ]
    assert found
    for index, transfers in found[:2]:
        together = tuple(move for moves in transfers.phases for move in moves)
        assert fault(with_transfers(plan, index, replace(transfers, phases=(together,))))


def shifted(move: Move) -> list[Move]:
    return [
        replace(move, slow_offset=move.slow_offset + 1),
        replace(move, length=move.length - 1),
        replace(move, inward=not move.inward),
    ]


@pytest.mark.parametrize("name", PARTS)
def test_a_copy_of_other_bytes_is_refused(name: str) -> None:
    plan = tiled(name)
    index, transfers = next(
        (index, one) for index, one in plan.schedule.transfers.items() if len(one.phases) > 1
    )
    move, *others = transfers.phases[0]
    for wrong in shifted(move):
        phases = ((wrong, *others), *transfers.phases[1:])
        assert fault(with_transfers(plan, index, replace(transfers, phases=phases)))


def test_parts_may_not_share_memory_with_what_is_still_copied() -> None:
    """Two parts of an operand live together: the one that is computed, and the one that comes."""
    plan = tiled("rows")
    moves = [one.phases[-1] for one in plan.schedule.transfers.values()]
    under_way = {move.fast for phase in moves for move in phase}
    pairs = [
        (one, two)
        for one in plan.buffers
        for two in plan.buffers
        if one.name.startswith("tile.")
        if one.name.rpartition(".")[0] == two.name.rpartition(".")[0]
        if one.last == two.first and one is not two
        if not under_way.isdisjoint((one.name, two.name))
    ]
    assert pairs
    for one, two in pairs[:3]:
        offsets = {**plan.clean.offsets, two.name: plan.clean.offsets[one.name]}
        clean = replace(plan.clean, offsets=offsets)
        assert fault(replace(plan, clean=clean, checked=clean))


def test_l1_is_what_a_plan_may_take() -> None:
    with pytest.raises(InputError, match="has 122,864 bytes for a plan"):
        GAP9.with_l1(122_865)
    with pytest.raises(InputError, match="has no cluster's L1"):
        load_board("stm32f427").with_l1(4096)
    with pytest.raises(FitError):
        tiled("rows", 512)
