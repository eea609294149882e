"""Constants behind slow memory: copied before they are read, and over nothing that still is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InternalError
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.resident import Residents
from tinyrig.generator.planning.stages import Stage, Stages

_EMPTY, _FLYING = -1, -2
_LARGEST_QUEUE = 8


def verify_stages(plan: Plan) -> None:
    """Execute the copies from behind slow memory as the firmware does, twice in a row.

    InternalError where a block is copied on, or its tables are read, before all its bytes are
    there, or a copy begins over bytes that are still read.
    """
    residents, stages = plan.residents, plan.stages
    if stages is None or residents is None:
        return
    _check_places(plan, residents, stages)
    memory = np.full(stages.size, _EMPTY)
    queue: list[Stage] = []
    for _ in range(2):
        for number in range(-1, len(residents.blocks)):
            reading = stages.of(number) if number >= 0 else None
            held = reading if reading is not None and reading.tables else None
            for stage in stages.starting(number):
                _begin(memory, stage, held)
                queue.append(stage)
                if len(queue) > _LARGEST_QUEUE:
                    raise InternalError("The plan is not sound: too many copies are under way.")
            copied = stages.of(number + 1)
            if copied is not None:
                while len(queue) > stages.under_way(copied):
                    _end(memory, queue.pop(0))
                _there(memory, copied)
            if held is not None:
                _there(memory, held)
        if queue:
            raise InternalError("The plan is not sound: a copy is never awaited.")


def _check_places(plan: Plan, residents: Residents, stages: Stages) -> None:
    numbers = [stage.block for stage in stages.stages]
    if numbers != sorted(set(numbers)) or not set(numbers) <= set(range(len(residents.blocks))):
        raise InternalError("The plan is not sound: blocks are not copied in their order.")
    for stage in stages.stages:
        block = residents.blocks[stage.block]
        tables = {
            key: table
            for index in range(block.first, block.last + 1)
            for key, table in plan.constants_of(index).items()
            if key not in block.tables
        }
        size = block.size + sum(table.values.nbytes for table in tables.values())
        end = stage.offset + stage.size
        if (
            set(tables) != set(stage.tables)
            or size > stage.size
            or stage.offset < 0
            or stage.offset % 16
            or end > stages.size
        ):
            raise InternalError(
                f"The plan is not sound: block {stage.block} has {size} bytes of constants, and "
                f"[{stage.offset}, {end}) of the {stages.size} bytes kept for those from behind."
            )


def _bytes(memory: NDArray[np.int64], stage: Stage) -> NDArray[np.int64]:
    return memory[stage.offset : stage.offset + stage.size]


def _begin(memory: NDArray[np.int64], stage: Stage, held: Stage | None) -> None:
    if (_bytes(memory, stage) == _FLYING).any():
        raise InternalError(
            f"The plan is not sound: block {stage.block} is copied to where another is copied to."
        )
    _bytes(memory, stage)[...] = _FLYING
    if held is not None and (_bytes(memory, held) != held.block).any():
        raise InternalError(
            f"The plan is not sound: block {stage.block} is copied over tables of block "
            f"{held.block}, which are still read."
        )


def _end(memory: NDArray[np.int64], stage: Stage) -> None:
    _bytes(memory, stage)[...] = stage.block


def _there(memory: NDArray[np.int64], stage: Stage) -> None:
    if (_bytes(memory, stage) != stage.block).any():
        raise InternalError(
            f"The plan is not sound: block {stage.block} is used before it is there, or no more."
        )
