"""Streamed inputs made wrong: readers that ask twice, kernels that read what is not in memory."""

from __future__ import annotations

from dataclasses import replace

from chain.streamed_inputs import ON, patches, planes
from verify.plans import fault, plan_graph, with_offsets

from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.view import View


def plan_with(plan: Plan, index: int, source: View) -> Plan:
    """The plan whose step `index` reads another view."""
    step, laid = plan.steps[index], plan.schedule.steps[index]
    calls = tuple(replace(call, reads=(source, *call.reads[1:])) for call in step.calls)
    steps = (*plan.steps[:index], replace(step, calls=calls), *plan.steps[index + 1 :])
    other = replace(laid, reads=(source, *laid.reads[1:]))
    every = (*plan.schedule.steps[:index], other, *plan.schedule.steps[index + 1 :])
    return replace(plan, steps=steps, schedule=replace(plan.schedule, steps=every))


def looped_read(plan: Plan) -> int:
    return next(i for i, step in enumerate(plan.steps) if step.is_read and step.loops)


def test_a_reader_may_not_ask_for_a_byte_again() -> None:
    plan = plan_graph(planes(), options=ON)
    index = looped_read(plan)
    source = plan.steps[index].call.reads[0]
    assert fault(plan) == ""
    still = replace(source, advances=tuple((loop, 0) for loop, _ in source.advances))
    name = plan.streamed[0]
    end = source.offset + source.size
    wanted = f"asks for the bytes [{source.offset}, {end}) of {name!r} again"
    assert wanted in fault(plan_with(plan, index, still))


def test_rows_from_elsewhere_are_noticed() -> None:
    plan = plan_graph(patches(), options=ON)
    index = looped_read(plan)
    source = plan.steps[index].call.reads[0]
    moved = replace(source, offset=source.offset + 1)
    assert "makes" in fault(plan_with(plan, index, moved))


def test_a_kernel_may_not_read_a_streamed_input() -> None:
    plan = plan_graph(planes(), options=ON)
    (name,) = plan.streamed
    index = next(i for i, step in enumerate(plan.steps) if step.op == "conv")
    whole = plan.schedule.inputs[name]
    conv = plan.steps[index].call.reads[0]
    said = fault(plan_with(plan, index, replace(conv, storage=name, offset=whole.offset)))
    assert f"reads {name!r} without a reader" in said


def test_a_reader_may_not_read_memory() -> None:
    plan = plan_graph(planes(), options=ON)
    index = looped_read(plan)
    band = plan.steps[index].call.writes[0]
    assert "without a reader, or by one what lies in memory" in fault(plan_with(plan, index, band))


def test_a_band_may_not_share_bytes_with_what_is_kept_beside_it() -> None:
    plan = plan_graph(patches(), options=ON)
    band = next(b for b in plan.buffers if b.name.endswith(".band"))
    other = next(
        b for b in plan.buffers if b is not band and b.first < band.first and b.last > band.last
    )
    assert fault(with_offsets(plan, {band.name: plan.clean.offsets[other.name]})) != ""
