"""What a schedule asks of the arena: buffers, and which of them may lie over one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.generator.graph.planned_names import numbered
from tinyrig.generator.options import Options
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.buffer import Buffer, Overwrites
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.lifetime import lifetimes
from tinyrig.generator.planning.overwrite import overwrites_allowed
from tinyrig.generator.planning.step import Schedule


@dataclass(frozen=True)
class Demand:
    """Buffers with their lives; see `plan_arena` for the overwrites."""

    buffers: tuple[Buffer, ...]
    overwrites: Overwrites


def demanded(
    schedule: Schedule, steps: Sequence[tuple[Call, Kernel]], board: Board, options: Options
) -> Demand:
    """Return what a schedule asks for whose steps are these calls of these kernels."""
    buffers = tuple(_buffers(schedule, steps, board.cores, reuse=options.scratch_reuse))
    if not options.token_overwriting:
        return Demand(buffers, {})
    lives = {buffer.name: (buffer.first, buffer.last) for buffer in buffers}
    outside = {view.storage for view in schedule.outputs.values()}
    calls = [
        (call, kernel, bool(step.loops))
        for (call, kernel), step in zip(steps, schedule.steps, strict=True)
    ]
    return Demand(buffers, overwrites_allowed(calls, lives, outside))


def _buffers(
    schedule: Schedule, steps: Sequence[tuple[Call, Kernel]], cores: int, *, reuse: bool
) -> Iterator[Buffer]:
    """Storages, and scratch for its step alone or, not reused, for the whole inference."""
    for name, (first, last) in lifetimes(schedule).items():
        yield Buffer(name, schedule.storages[name].size, first, last)
    for index, (call, kernel) in enumerate(steps):
        if size := kernel.scratch_bytes(call, cores):
            life = (index, index) if reuse else (0, len(steps) - 1)
            yield Buffer(numbered("scratch", index), size, *life)
