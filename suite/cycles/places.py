"""Where the loads and stores of a block go, from the registers at its entry."""

from __future__ import annotations

from collections.abc import Sequence

from tinyrig.suite.cycles.instruction import Instruction
from tinyrig.suite.records.profile import REGISTERS, Flow

_AREA = 28  # the address map has areas of 256 MiB: code, RAM, peripherals


def addresses(code: Sequence[Instruction], flow: Flow) -> list[int | None]:
    """Return the address of each instruction's access at the flow's first passage.

    None for what accesses nothing, and where the base or the index is made in the block itself by
    anything but a write-back.
    """
    known: dict[str, int] = dict(zip(REGISTERS, flow.registers, strict=True))
    found: list[int | None] = []
    for instruction in code:
        found.append(_address(instruction, known))
        _update(instruction, known)
    return found


def strides(code: Sequence[Instruction]) -> list[int | None]:
    """Return how far each instruction's access is from that of the block's next passage.

    0 where the block leaves base and index alone; None where it changes them by anything but
    write-backs.
    """
    moved: dict[str, int] = {}
    changed: set[str] = set()
    for instruction in code:
        base = _write_back(instruction)
        changed.update(register for register in instruction.writes if register != base)
        if base is not None and instruction.memory is not None:
            memory = instruction.memory
            moved[base] = moved.get(base, 0) + (memory.step if memory.step else memory.offset)
    return [
        None
        if instruction.memory is None or changed.intersection(instruction.memory.registers)
        else sum(moved.get(register, 0) for register in instruction.memory.registers)
        for instruction in code
    ]


def area(address: int | None) -> int | None:
    """Return which 256 MiB an address is in."""
    return None if address is None else address >> _AREA


def _address(instruction: Instruction, known: dict[str, int]) -> int | None:
    memory = instruction.memory
    if memory is None:
        return None
    if memory.base == "pc":
        return instruction.address
    parts = [known.get(register) for register in memory.registers]
    if any(part is None for part in parts):
        return None
    # A shifted index is left unshifted: the area is right, and such a bank is not asked for.
    return sum(part for part in parts if part is not None) + memory.offset & 0xFFFF_FFFF


def _write_back(instruction: Instruction) -> str | None:
    memory = instruction.memory
    if memory is None or not memory.writeback or instruction.registers:
        return None
    return memory.base


def _update(instruction: Instruction, known: dict[str, int]) -> None:
    memory, base = instruction.memory, _write_back(instruction)
    before = None if base is None else known.get(base)
    for register in instruction.writes:
        known.pop(register, None)
    if memory is not None and base is not None and before is not None:
        moved = memory.step if memory.step else memory.offset
        known[base] = before + moved & 0xFFFF_FFFF
