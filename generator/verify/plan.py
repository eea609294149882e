"""Refuses a plan whose firmware would read what it has overwritten."""

from __future__ import annotations

from tinyrig.generator.errors import InternalError
from tinyrig.generator.planning.arena import ArenaPlan
from tinyrig.generator.planning.board import ARENA_ALIGNMENT
from tinyrig.generator.planning.buffer import Buffer
from tinyrig.generator.planning.plan import GUARD_BYTES, Plan
from tinyrig.generator.verify.memory import Arena
from tinyrig.generator.verify.residents import verify_residents
from tinyrig.generator.verify.stages import verify_stages
from tinyrig.generator.verify.tensors import tensor_values
from tinyrig.generator.verify.walk import OutputError, Walk


def verify_plan(plan: Plan) -> None:
    """Walk a plan in the arenas of both builds; InternalError names the step and the bytes.

    What holds afterwards: every step reads the values that its operator has in the graph, from
    bytes that nothing has written since, in the order of every access; writes are inside their
    storages, and storages, scratch and guards inside their arena; inputs are there at the start
    and outputs at the end; kernels take the calls they are given.
    """
    tensors = tensor_values(plan.graph)
    try:
        Walk(plan, _arenas(plan), tensors).run()
    except OutputError:
        Walk(plan, _arenas(plan), tensors, strict=True).run()
        raise
    verify_residents(plan)
    verify_stages(plan)
    _check_kernels(plan)


def _check_kernels(plan: Plan) -> None:
    for step in plan.steps:
        for call in step.calls:
            if not step.is_read and not step.kernel.accepts(call):
                raise InternalError(
                    f"The plan is not sound: {step.kernel.name} does not take the call of step "
                    f"{step.name!r}."
                )


def _arenas(plan: Plan) -> list[Arena]:
    arenas = [_arena(plan, plan.clean, "clean", guarded=False)]
    if plan.checked is not plan.clean:
        arenas.append(_arena(plan, plan.checked, "checked", guarded=True))
    return arenas


def _arena(plan: Plan, placed: ArenaPlan, title: str, *, guarded: bool) -> Arena:
    capacity = plan.board.arena_capacity(plan.arena_region)
    if placed.size > capacity:
        raise InternalError(
            f"The plan is not sound: the {title} arena has {placed.size} bytes, and region "
            f"{plan.arena_region!r} of board {plan.board.name!r} has {capacity} for it."
        )
    spilled = plan.spill.offsets if plan.spill else {}
    for name, size in _needed(plan).items():
        if name in spilled:
            _check_spilled(plan, name, size)
            continue
        start = placed.offsets.get(name, -1)
        if start < 0 or start + size > placed.size:
            raise InternalError(
                f"The plan is not sound: {name!r} has the bytes [{start}, {start + size}) of the "
                f"{title} arena, which has {placed.size}."
            )
    guards = [_guard(plan, buffer, placed) for buffer in plan.buffers] if guarded else []
    for start, end, first, _ in guards:
        if end > placed.size:
            raise InternalError(
                f"The plan is not sound: the guard set in step {first} has the bytes "
                f"[{start}, {end}) of the {title} arena, which has {placed.size}."
            )
    behind = -(-placed.size // ARENA_ALIGNMENT) * ARENA_ALIGNMENT
    offsets = {**placed.offsets, **{name: behind + at for name, at in spilled.items()}}
    whole = behind + plan.spill.size if plan.spill else placed.size
    return Arena(title, offsets, whole, tuple(guards), fast=placed.size)


def _check_spilled(plan: Plan, name: str, size: int) -> None:
    """A storage in slow memory must lie inside of what is kept there for such ones."""
    assert plan.spill is not None
    start = plan.spill.offsets[name]
    if start < 0 or start + size > plan.spill.size or not plan.schedule.storages[name].slow:
        raise InternalError(
            f"The plan is not sound: {name!r} has the bytes [{start}, {start + size}) of "
            f"{plan.spill.size} in slow memory."
        )


def _needed(plan: Plan) -> dict[str, int]:
    """Bytes of every storage in RAM that a step, an input or an output names."""
    schedule = plan.schedule
    views = [view for step in plan.steps for view in (*step.call.reads, *step.call.writes)]
    views += [*schedule.inputs.values(), *schedule.outputs.values()]
    used = [schedule.storages[view.storage] for view in views if view.storage in schedule.storages]
    all_of = schedule.transfers.values()
    moved = (m for each in all_of for moves in (each.leaving, *each.phases) for m in moves)
    used += [schedule.storages[name] for move in moved for name in (move.slow, move.fast)]
    return {storage.name: storage.size for storage in used if storage.in_ram}


def _guard(plan: Plan, buffer: Buffer, placed: ArenaPlan) -> tuple[int, int, int, int]:
    """Where a buffer's guard lies, the step that sets it and the step that checks it."""
    start = placed.offsets[buffer.name] + buffer.aligned
    return start, start + GUARD_BYTES, buffer.first, min(buffer.last, len(plan.steps) - 1)
