"""Planned against observed: a right plan agrees, every kind of wrong plan is caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest
from heavy import NIGHT
from studies.memory.plans import plan_of, watched, with_arena

from tinyrig.generator.options import ALL
from tinyrig.generator.planning.arena import plan_arena
from tinyrig.generator.planning.buffer import Buffer
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.models.zoo import zoo_names

_SOME = ("tinyvit-digits", "trformer-mhsa", "mlperf-kws")
_ALL = [name for name in zoo_names(heavy=False) if name not in ("mhsa", "encoder")]
NETWORKS = _ALL if NIGHT else _SOME
"""Blocks of free dimensions are drawn in test_random_plans."""


def test_a_right_plan_agrees_in_both_builds() -> None:
    product, guarded = watched(plan_of())
    assert (product.build, guarded.build) == ("product", "guarded")
    assert product.findings == guarded.findings == ()
    assert product.arena.size == plan_of().clean.size
    assert product.touched == product.arena.size - product.holes
    assert guarded.holes >= product.holes + 8 * 3, "guards belong to no buffer"


@pytest.mark.parametrize("model", NETWORKS)
def test_every_zoo_model_uses_what_it_plans(model: str) -> None:
    for one in watched(plan_of(model, board="stm32f427"), model):
        assert one.findings == ()


def test_a_plan_that_uses_no_byte_twice_agrees() -> None:
    plan = plan_of(options=replace(ALL, arena="none"))
    for one in watched(replace(plan, checked=plan.clean)):
        assert one.findings == ()


def carried(plan: Plan) -> Buffer:
    """The largest buffer that one step makes and a later one uses up."""
    views = (*plan.schedule.inputs.values(), *plan.schedule.outputs.values())
    outside = {view.storage for view in views}
    inside = [b for b in plan.buffers if b.first < b.last and b.name not in outside]
    return max(inside, key=lambda b: b.size)


def shared_bytes(plan: Plan) -> Plan:
    """Two buffers made by different steps of which one is still needed lie on each other."""
    storages = [b for b in plan.buffers if b.name in plan.schedule.storages]
    one, two = next((a, b) for a, b in combinations(storages, 2) if a.first < b.first <= a.last - 1)
    return with_arena(plan, offsets={**plan.clean.offsets, two.name: plan.clean.offsets[one.name]})


def changed(plan: Plan, change: Callable[[Buffer], Buffer]) -> list[Buffer]:
    chosen = carried(plan)
    return [change(b) if b is chosen else b for b in plan.buffers]


def shrunk_buffer(plan: Plan) -> Plan:
    """What lies behind the buffer is in the arena, wherever the buffer is put."""
    buffers = changed(plan, lambda b: replace(b, size=b.size // 2))
    packed = plan_arena(buffers, {}, "greedy")
    size = packed.size + max(buffer.size for buffer in plan.buffers)
    return with_arena(plan, offsets=packed.offsets, size=size, buffers=buffers)


def late_birth(plan: Plan) -> Plan:
    return with_arena(plan, buffers=changed(plan, lambda b: replace(b, first=b.last)))


def early_death(plan: Plan) -> Plan:
    return with_arena(plan, buffers=changed(plan, lambda b: replace(b, last=b.last - 1)))


def short_arena(plan: Plan) -> Plan:
    return with_arena(plan, size=plan.clean.size - 32)


def grown_buffer(plan: Plan) -> Plan:
    buffers = changed(plan, lambda b: replace(b, size=b.size + 40))
    packed = plan_arena(buffers, {}, "greedy")
    return with_arena(plan, offsets=packed.offsets, size=packed.size, buffers=buffers)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (shared_bytes, "overlap"),
        (shrunk_buffer, "outside"),
        (late_birth, "outside"),
        (early_death, "outside"),
        (short_arena, "past"),
        (grown_buffer, "untouched"),
    ],
)
def test_a_wrong_plan_is_caught(spoil: Callable[[Plan], Plan], fault: str) -> None:
    (product,) = watched(spoil(plan_of()))
    assert fault in {found.fault for found in product.findings}


def test_findings_name_step_buffer_and_bytes() -> None:
    plan = plan_of()
    short = carried(plan)
    (product,) = watched(early_death(plan))
    found = next(f for f in product.findings if f.fault == "outside")
    assert f"step {short.last} ({plan.steps[short.last].name})" in found.text
    assert found.offset == plan.clean.offsets[short.name]
    assert found.size == short.size
