"""Cortex-M4: cycles of straight code by the rules of `platforms/cortex_m/timing/cortex-m4.toml`."""

from __future__ import annotations

from collections.abc import Sequence

from tinyrig.suite.cycles.instruction import DOUBLES, LOADS, MULTIPLES, Instruction
from tinyrig.suite.cycles.tables import Timing

_DATA_KINDS = frozenset(
    (
        *("add", "move", "move_top", "logic", "shift", "multiply", "accumulate", "divide"),
        *("simd", "saturate", "extract", "reverse", "insert"),
    )
)
_LOAD_PC = frozenset({"load", "load_multiple", "table_branch"})
_COMPARE_AND_BRANCH = frozenset({"cbz", "cbnz"})
_FP_RESULTS = frozenset({"fp_add", "fp_multiply", "fp_accumulate", "fp_divide"})


def straight_cycles(
    code: Sequence[Instruction],
    previous: Instruction | None,
    timing: Timing,
    areas: Sequence[int | None] = (),
) -> list[int]:
    """Return the cycles of each instruction of a block whose code is at hand when it is needed.

    `previous` is the instruction executed just before, None after a taken branch. `areas` tells
    which memory each access goes to; accesses whose memory is not known count as of one.
    """
    cycles = []
    before = previous
    for at, instruction in enumerate(code):
        after = code[at + 1] if at + 1 < len(code) else None
        cost = _base(instruction, timing) + _hazards(before, instruction, after, timing)
        if after is not None and _pipelines(instruction, after) and not _apart(areas, at):
            cost -= timing.number("pipelined")
        cycles.append(cost)
        before = instruction
    return cycles


def refill(branch: Instruction, timing: Timing) -> int:
    """Return the cycles that a taken branch adds when its target begins a word or is narrow."""
    if branch.kind in _LOAD_PC:
        return timing.number("refill_loaded")
    if branch.kind == "indirect" or branch.mnemonic in _COMPARE_AND_BRANCH:
        return timing.number("refill_executed")
    return timing.number("refill")


def _base(instruction: Instruction, timing: Timing) -> int:
    cycles = timing.cycles(instruction.kind)
    if instruction.kind in MULTIPLES or instruction.kind in DOUBLES:
        return cycles + instruction.registers
    if _is_indexed_store(instruction):
        return cycles + timing.number("store_by_index")
    return cycles


def _hazards(
    before: Instruction | None, now: Instruction, after: Instruction | None, timing: Timing
) -> int:
    cycles = 0
    if after is not None and _blocks(now, after):
        cycles += timing.number("load_after_store")
    if before is None:
        return cycles
    if now.kind == "it" and not before.wide:
        cycles -= timing.number("it_folding")
    if _makes_address(before, now):
        cycles += timing.number("address_from_alu")
    if before.kind in _FP_RESULTS and set(before.writes) & set(now.data):
        cycles += timing.number("fp_result")
    return cycles


def _blocks(store: Instruction, after: Instruction) -> bool:
    """Tell whether a one-cycle store holds up the load after it."""
    if store.kind != "store" or _is_indexed_store(store):
        return False
    return after.kind in LOADS or after.kind in ("load_multiple", "load_double")


def _makes_address(before: Instruction, now: Instruction) -> bool:
    if now.memory is None or before.kind not in _DATA_KINDS:
        return False
    return bool(set(now.memory.registers) & set(before.writes))


def _pipelines(now: Instruction, after: Instruction) -> bool:
    """Tell whether the last cycle of a load or of an indexed store overlaps what follows."""
    if now.kind not in LOADS:
        return _is_indexed_store(now) and after.kind == "nop"
    if after.kind == "nop":
        return True
    if after.memory is None or not (after.kind in LOADS or _is_indexed_store(after)):
        return False
    return not set(after.memory.registers) & set(now.writes)


def _apart(areas: Sequence[int | None], at: int) -> bool:
    """Tell whether an access and the next are known to go to different memories."""
    if at + 1 >= len(areas):
        return False
    one, two = areas[at], areas[at + 1]
    return one is not None and two is not None and one != two


def _is_indexed_store(instruction: Instruction) -> bool:
    memory = instruction.memory
    return instruction.kind == "store" and memory is not None and memory.index is not None
