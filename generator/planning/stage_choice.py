"""Whether slow memory holds the constants of a plan, and what lies behind it where it does not."""

from __future__ import annotations

from collections.abc import Sequence

from tinyrig.generator.errors import FitError
from tinyrig.generator.planning.arena import ArenaPlan
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.constants import constants_of
from tinyrig.generator.planning.costs import CALL_CYCLES, cycles_of
from tinyrig.generator.planning.flash import CODE_RESERVE, FlashNeeds
from tinyrig.generator.planning.planned_step import PlannedStep
from tinyrig.generator.planning.resident import Residents
from tinyrig.generator.planning.stages import Stages, plan_stages, stage_sizes
from tinyrig.generator.planning.step import Schedule

_STEP_CODE = 320
"""Bytes of code for a call with its copies, in the checked build with its marks and guards."""


def staged_blocks(
    schedule: Schedule,
    steps: Sequence[PlannedStep],
    residents: Residents,
    board: Board,
    needs: FlashNeeds,
    spill: ArenaPlan | None,
) -> Stages | None:
    """Return the blocks that lie in the board's L3; None where L2 holds all.

    FitError when L2 does not even hold what must lie there.
    """
    assert board.l3 is not None
    held = CODE_RESERVE + _STEP_CODE * len(steps) + needs.sample + (spill.size if spill else 0)
    room = board.flash.size - held
    inside = sum(block.size for block in residents.blocks)
    inside += sum(table.values.nbytes for table in residents.outside.values())
    if inside <= room:
        return None
    outside = [
        {
            key: table
            for index in range(block.first, block.last + 1)
            for key, table in constants_of(schedule, steps[index]).items()
            if key not in block.tables
        }
        for block in residents.blocks
    ]
    cycles = [
        sum(_cycles(schedule, steps, index, board) for index in range(block.first, block.last + 1))
        for block in residents.blocks
    ]
    stages = plan_stages(residents, outside, cycles, board.l3, room)
    if stages is None:
        most = max(stage_sizes(residents, outside))
        raise FitError(
            f"Board {board.name!r} has {board.flash.size} bytes of {board.flash.name!r} and "
            f"{board.l3.size} of {board.l3.name!r} behind it: {held} of the first are kept for "
            f"code, input and tensors, and the largest layer's weights have {most}."
        )
    return stages


def _cycles(schedule: Schedule, steps: Sequence[PlannedStep], index: int, board: Board) -> int:
    """Return about how long a step takes in one inference."""
    step = steps[index]
    times = schedule.executions(schedule.steps[index])
    return times * (CALL_CYCLES + cycles_of(step.kernel, step.call, board.core, board.cores))
