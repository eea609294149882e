"""Blocks of constants that share the arena: none is written over while it is used."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest
from chain.graph_builder import GraphBuilder
from verify.plans import fault, with_offsets

from tinyrig.generator.emit.infer import infer_functions
from tinyrig.generator.options import ALL
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.resident import Block, Residents

L1 = 12_288


@functools.cache
def plan() -> Plan:
    b = GraphBuilder(11)
    x = b.layernorm(b.linear(b.input((40, 96)), 96))
    graph = b.graph([b.linear(b.softmax(b.linear(x, 64), 1), 80)])
    return cheapest_plan(run_passes(graph, ALL), load_board("gap9").with_l1(L1), options=ALL)


def blocks() -> tuple[Residents, tuple[Block, ...]]:
    residents = plan().residents
    assert residents is not None
    assert residents.shared
    return residents, residents.blocks


def test_blocks_and_buffers_share_what_there_is() -> None:
    found = plan()
    residents, every = blocks()
    assert found.clean.size <= L1
    assert fault(found) == ""
    assert not residents.outside
    together = sum(b.aligned for b in found.buffers if not b.name.startswith("block."))
    assert sum(block.size for block in every) + together > L1
    assert {block.early for block in every} == {True, False}


def test_a_block_may_not_lie_where_something_is_needed_meanwhile() -> None:
    found = plan()
    tried = 0
    for block in (b for b in found.buffers if b.name.startswith("block.")):
        for other in found.buffers:
            if other is not block and other.meets(block):
                at = -(-found.clean.offsets[other.name] // 8) * 8
                assert fault(with_offsets(found, {block.name: at})), (block, other)
                tried += 1
    assert tried > len(found.buffers) // 2


def test_a_block_begins_at_a_double_word() -> None:
    found = plan()
    for name, at in (("block.1", found.clean.offsets["block.1"] + 4), ("block.2", -8)):
        assert "constants of step" in fault(with_offsets(found, {name: at}))


def test_a_block_may_not_come_earlier_than_its_place_is_free() -> None:
    found = plan()
    residents, every = blocks()
    faults = []
    for number in (n for n, block in enumerate(every) if not block.early):
        changed = (*every[:number], replace(every[number], early=True), *every[number + 1 :])
        faults.append(fault(replace(found, residents=replace(residents, blocks=changed))))
    assert any(faults)


@pytest.mark.parametrize("checked", [False, True])
def test_a_late_block_is_awaited_before_its_parameters_are_read(checked: bool) -> None:
    found = plan()
    _, every = blocks()
    arena = found.checked if checked else found.clean
    lines = [line for part in infer_functions(found, arena, checked=checked) for line in part]
    for number, block in enumerate(every):
        start = next(n for n, line in enumerate(lines) if f"&tr_weights_block_{number}," in line)
        use = next(n for n, line in enumerate(lines) if f"TR_BLOCK_{number}." in line)
        assert start < lines.index("tr_move_wait();", start) < use
        calls = (line for line in lines[:start] if "_accepts" not in line)
        before = [line for line in calls if f"TR_BLOCK_{number - 1}." in line]
        assert bool(before) == (number > 0 and not block.early)
