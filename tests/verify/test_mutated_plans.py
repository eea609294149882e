"""Plans made wrong after they were right: each is refused, naming step and bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, permutations

import pytest
from chain.graph_builder import GraphBuilder
from verify.plans import fault, plan_graph, with_offsets, with_steps, zoo_plan

from tinyrig.generator.options import ALL, NONE
from tinyrig.generator.planning.buffer import Buffer
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.generator.planning.plan import GUARD_BYTES, Plan, PlannedStep
from tinyrig.generator.planning.step import Compute
from tinyrig.generator.planning.view import View

STREAMED = ("ecgformer-mhsa", "stm32f427", replace(ALL, optimize="none"))
"""As the switches state, in blocks of rows: for the fastest plan no row is worth a loop."""

ONE_BY_ONE = replace(NONE, arena="greedy", scratch_reuse=True)
OVERWRITING = replace(ONE_BY_ONE, token_overwriting=True)
CLUSTER = ("ecgformer", "gap9")
NAMED = re.compile(r"The plan is not sound: step \d+ \(.+\) .*\[-?\d+, -?\d+\)")


def chain() -> Plan:
    """Layers one after another without loops: every life is exact."""
    b = GraphBuilder(3)
    x = b.input((5, 12))
    a = b.linear(x, 16)
    c = b.unary(b.linear(a, 9))
    d = b.linear(b.softmax(c, 1), 16)
    return plan_graph(b.graph([b.layernorm(b.add(a, d))]), options=ONE_BY_ONE)


def test_a_kernel_that_does_not_take_its_call_is_refused() -> None:
    plan = zoo_plan(*CLUSTER)
    index = next(n for n, step in enumerate(plan.steps) if step.op == "attention")
    other = next(one for one in all_kernels() if one.name == "tr_attention_s8_1x8__xpulp")
    steps = list(plan.steps)
    steps[index] = replace(steps[index], kernel=other)
    said = fault(replace(plan, steps=tuple(steps)))
    assert "tr_attention_s8_1x8__xpulp does not take the call of step" in said


def together(plan: Plan) -> list[tuple[Buffer, Buffer]]:
    """Pairs of which both hold something after some step, not only in it."""
    return [
        (one, two)
        for one, two in permutations(plan.buffers, 2)
        if max(one.first, two.first) < min(one.last, two.last)
    ]


def test_the_plans_are_right_before() -> None:
    for plan in (chain(), zoo_plan(*STREAMED), zoo_plan(*CLUSTER)):
        assert fault(plan) == ""


@pytest.mark.parametrize("checked", [False, True])
def test_two_buffers_that_live_together_may_not_share_an_address(checked: bool) -> None:
    plan = chain()
    placed = plan.checked if checked else plan.clean
    assert together(plan)
    for one, two in together(plan):
        said = fault(with_offsets(plan, {two.name: placed.offsets[one.name]}, checked=checked))
        assert NAMED.match(said), (one, two)


def test_neighbours_may_not_come_four_bytes_closer() -> None:
    plan = chain()
    offsets = plan.clean.offsets
    near = [
        (one, two)
        for one, two in together(plan)
        if offsets[one.name] + one.size == offsets[two.name]
    ]
    assert near
    for one, two in near:
        said = fault(with_offsets(plan, {two.name: offsets[two.name] - 4}))
        assert NAMED.match(said), (one, two)


def test_an_output_over_its_input_may_not_come_closer_than_the_kernel_allows() -> None:
    b = GraphBuilder(1)
    wide = b.linear(b.linear(b.input((6, 20)), 20), 28)
    plan = plan_graph(b.graph([b.linear(wide, 4)]), options=OVERWRITING)
    offsets = plan.clean.offsets
    step = next(s for s in plan.steps if s.call.params["n"] == 28)
    read, written = step.call.reads[0].storage, step.call.writes[0].storage
    assert offsets[written] < offsets[read] < offsets[written] + step.call.writes[0].size
    assert step.kernel.overwrite == "tile", "row i is written once row i is read"
    least = max(row * (28 - 20) for row in range(6))
    top = plan.clean.size + 6 * 28
    aside = {} if step.scratch is None else {step.scratch: top + 6 * 28}
    for apart in range(0, 6 * 28, 4):
        moved = {read: top, written: top - apart, **aside}
        said = fault(with_offsets(plan, moved))
        assert (said == "") == (apart >= least), apart
        assert said == "" or "before it has read them for the last time" in said


def test_steps_of_one_loop_may_not_change_places_where_one_reads_the_other() -> None:
    for plan in (chain(), zoo_plan(*STREAMED)):
        count = len(plan.steps)
        for first, second in pairwise(range(count)):
            one, two = plan.steps[first], plan.steps[second]
            reads = {view.storage for view in two.call.reads}
            if one.loops != two.loops or one.call.writes[0].storage not in reads:
                continue
            order = [*range(first), second, first, *range(second + 1, count)]
            assert fault(with_steps(plan, order)), (one.name, two.name)


def operands(step: PlannedStep) -> Iterator[tuple[str, int, View]]:
    for kind in ("reads", "writes"):
        for number, view in enumerate(getattr(step.call, kind)):
            yield kind, number, view


def with_operand(plan: Plan, index: int, kind: str, number: int, view: View) -> Plan:
    step = plan.steps[index]
    calls = []
    for call in step.calls:
        views = list(getattr(call, kind))
        views[number] = view
        changed = {"reads": call.reads, "writes": call.writes, kind: tuple(views)}
        calls.append(Call(call.op, call.params, changed["reads"], changed["writes"], call.macs))
    steps = list(plan.steps)
    steps[index] = replace(step, calls=tuple(calls))
    return replace(plan, steps=tuple(steps))


@pytest.mark.parametrize("moved", [-1, 8])
def test_no_operand_may_lie_anywhere_else(moved: int) -> None:
    for plan in (chain(), zoo_plan(*STREAMED)):
        for index, step in enumerate(plan.steps):
            for kind, number, view in operands(step):
                other = replace(view, offset=view.offset + moved)
                assert fault(with_operand(plan, index, kind, number, other)), (step.name, kind)


def test_no_operand_may_move_otherwise_with_its_loop() -> None:
    plan = zoo_plan(*STREAMED)
    tried = 0
    for index, step in enumerate(plan.steps):
        for kind, number, view in operands(step):
            for at, (loop, by) in enumerate(view.advances):
                advances = (*view.advances[:at], (loop, by - 1), *view.advances[at + 1 :])
                other = replace(view, advances=advances)
                assert fault(with_operand(plan, index, kind, number, other)), (step.name, kind)
                tried += 1
    assert tried == 3


def test_heads_may_not_come_in_another_order() -> None:
    plan = zoo_plan(*STREAMED)
    varied = [i for i in range(len(plan.steps)) if plan.steps[i].varies is not None]
    assert varied
    for index in varied:
        step = plan.schedule.steps[index]
        assert isinstance(step, Compute)
        steps = list(plan.schedule.steps)
        steps[index] = replace(step, nodes=tuple(reversed(step.nodes)))
        assert fault(replace(plan, schedule=replace(plan.schedule, steps=tuple(steps)))), step.name


def test_a_loop_may_not_run_once_less() -> None:
    plan = zoo_plan(*STREAMED)
    for loop, count in plan.schedule.loops.items():
        loops = {**plan.schedule.loops, loop: count - 1}
        assert fault(replace(plan, schedule=replace(plan.schedule, loops=loops))), loop


def test_scratch_may_not_reach_into_what_is_alive() -> None:
    plan = zoo_plan(*STREAMED)
    tried = 0
    for index, step in enumerate(plan.steps):
        if step.scratch is None:
            continue
        for view in (*step.call.reads, *step.call.writes):
            if plan.schedule.storages[view.storage].data is not None:
                continue
            start = plan.clean.offsets[view.storage] + view.offset // 4 * 4
            assert NAMED.match(fault(with_offsets(plan, {step.scratch: start}))), index
            tried += 1
    assert tried > 5


def test_bytes_read_behind_keys_and_values_belong_to_them() -> None:
    plan = zoo_plan("trformer-mhsa", "stm32f427")
    index = next(i for i, step in enumerate(plan.steps) if step.call.op == "attention_s8")
    call, storages = plan.steps[index].call, plan.schedule.storages
    _, k, v = (storages[view.storage] for view in call.reads)
    slack = Call(call.op, {**call.params, "k_slack": 1}, call.reads, call.writes, call.macs)
    steps = list(plan.steps)
    steps[index] = replace(steps[index], calls=(slack,))
    assert f"touches the bytes [0, {k.size + 1}) of" in fault(replace(plan, steps=tuple(steps)))
    shorter = {**storages, v.name: replace(v, size=v.size - 1)}
    schedule = replace(plan.schedule, storages=shorter)
    assert f"touches the bytes [0, {v.size}) of" in fault(replace(plan, schedule=schedule))


def test_nothing_may_lie_outside_of_the_arena() -> None:
    plan = zoo_plan(*STREAMED)
    short = replace(plan.clean, size=plan.clean.size - 4)
    assert "arena, which has" in fault(replace(plan, clean=short))
    name = plan.steps[0].call.writes[0].storage
    assert "[-4, " in fault(with_offsets(plan, {name: -4}))
    huge = replace(plan.clean, size=1 << 30)
    assert "region" in fault(replace(plan, clean=huge))


def test_a_guard_may_not_be_written_over() -> None:
    plan = chain()
    assert plan.guarded
    for one, two in together(plan):
        end = plan.checked.offsets[one.name] + one.aligned
        moved = with_offsets(plan, {two.name: end + GUARD_BYTES - 4}, checked=True)
        assert fault(moved), (one, two)


def test_a_copied_block_may_not_lie_over_the_one_in_use() -> None:
    plan = zoo_plan(*CLUSTER)
    residents = plan.residents
    assert residents is not None
    for number, (one, two) in enumerate(pairwise(residents.blocks)):
        blocks = list(residents.blocks)
        low = min(one.offset, residents.size - two.size)
        blocks[number + 1] = replace(two, offset=low)
        said = fault(replace(plan, residents=replace(residents, blocks=tuple(blocks))))
        assert f"constants of step {two.first}" in said
    missing = replace(residents, blocks=residents.blocks[:-1])
    assert "no block holds" in fault(replace(plan, residents=missing))
