"""Constants that are copied to fast memory in blocks: no copy over what is still read."""

from __future__ import annotations

from itertools import pairwise

from tinyrig.generator.errors import InternalError
from tinyrig.generator.planning.plan import Plan


def verify_residents(plan: Plan) -> None:
    """Check a cluster's blocks; InternalError names the steps and the bytes.

    While a block is used the next one is copied, and the first again while the last is used where
    it is copied ahead: such two share no byte. Those in a shared arena are walked
    (shared_blocks.py). Every step's constants are in its block or in slow memory.
    """
    residents = plan.residents
    if residents is None:
        return
    blocks = residents.blocks
    expected = 0
    for block in blocks:
        if block.first != expected or block.last < block.first:
            raise InternalError(
                f"The plan is not sound: no block holds constants of step {expected}."
            )
        expected = block.last + 1
        inside = block.offset >= 0 and block.offset + block.size <= residents.size
        if not residents.shared and (block.offset % 8 or not inside):
            raise InternalError(
                f"The plan is not sound: the constants of step {block.first} have the bytes "
                f"[{block.offset}, {block.offset + block.size}) of {residents.size}."
            )
        if sum(table.values.nbytes for table in block.tables.values()) > block.size:
            raise InternalError(
                f"The plan is not sound: the constants of step {block.first} have more than the "
                f"{block.size} bytes of their block."
            )
    if expected != len(plan.steps):
        raise InternalError(f"The plan is not sound: no block holds constants of step {expected}.")
    neighbours = [] if residents.shared else list(pairwise(blocks))
    if residents.ahead and len(blocks) > 1:
        neighbours.append((blocks[-1], blocks[0]))
    for used, copied in neighbours:
        low, high = (
            max(used.offset, copied.offset),
            min(used.offset + used.size, copied.offset + copied.size),
        )
        if low < high:
            raise InternalError(
                f"The plan is not sound: the constants of step {copied.first} are copied over the "
                f"bytes [{low}, {high}) of those of step {used.last}, which are still read."
            )
    for block in blocks:
        for index in range(block.first, block.last + 1):
            held = {*block.tables, *residents.outside}
            if not set(plan.constants_of(index)) <= held:
                raise InternalError(
                    f"The plan is not sound: step {index} ({plan.steps[index].name}) reads "
                    f"constants that are in no block of its own."
                )
