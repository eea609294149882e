"""Cortex-M7: which two instructions may issue together."""

from __future__ import annotations

from tinyrig.suite.cycles.instruction import BRANCHES, DOUBLES, MULTIPLES, STORES, Instruction

MULTIPLIES = frozenset({"multiply", "accumulate"})
BITFIELD = frozenset({"simd", "saturate", "extract", "reverse", "insert"})
EARLY_SHIFTER = frozenset({"extract", "reverse", "insert"})
FP_ARITHMETIC = frozenset({"fp_add", "fp_multiply", "fp_accumulate"})
_ALONE = frozenset({"divide", "fp_divide", "table_branch", "barrier", "system"})
_FP_MEMORY = frozenset({"fp_load", "fp_store", "fp_move"})


def issues_alone(instruction: Instruction) -> bool:
    """Tell whether an instruction never pairs."""
    kind = instruction.kind
    return kind in _ALONE or kind in MULTIPLES or kind in DOUBLES


def may_pair(older: Instruction, younger: Instruction, *, banks_meet: bool) -> bool:
    """Tell whether the units allow a pair; dependencies are the scoreboard's.

    `banks_meet` decides two loads that are not of one base register.
    """
    if issues_alone(older) or issues_alone(younger):
        return False
    if _units_clash(older, younger) or _shifters_clash(older, younger):
        return False
    if younger.kind in BITFIELD:
        return False  # a bitfield or SIMD instruction must be the older of a pair
    if _loads(older) and _loads(younger):
        return not _same_bank(older, younger, banks_meet)
    return True


def _units_clash(older: Instruction, younger: Instruction) -> bool:
    kinds = (older.kind, younger.kind)
    multiplies = sum(kind in MULTIPLIES for kind in kinds)
    stores = sum(kind in STORES for kind in kinds)
    if multiplies == 2 or stores == 2 or (multiplies and stores):
        return True
    if all(kind in FP_ARITHMETIC for kind in kinds):
        return True
    if "fp_accumulate" in kinds and any(kind in _FP_MEMORY for kind in kinds):
        return True
    return all(kind in BRANCHES for kind in kinds)


def _shifters_clash(older: Instruction, younger: Instruction) -> bool:
    """One inline shifter: shifted operands and most bitfield instructions take it.

    A plain shift leaves it to an older partner, not to a younger one.
    """
    if not shifts_inline(younger):
        return False
    return shifts_inline(older) or older.kind in EARLY_SHIFTER or older.kind == "shift"


def shifts_inline(instruction: Instruction) -> bool:
    """Tell whether the last operand is shifted, or is a shifted constant."""
    return instruction.operand in ("shifted_register", "shifted_constant")


def _loads(instruction: Instruction) -> bool:
    return instruction.kind in ("load", "fp_load")


def _same_bank(older: Instruction, younger: Instruction, otherwise: bool) -> bool:
    """Tell whether two loads hit the same bank: even or odd words."""
    one, two = older.memory, younger.memory
    if one is None or two is None or one.index or two.index or one.base != two.base:
        return otherwise
    first = one.offset
    second = two.offset - (one.step if one.writeback else 0)
    return (first // 4 - second // 4) % 2 == 0
