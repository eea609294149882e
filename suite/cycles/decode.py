"""From bytes to instructions, by capstone."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import capstone
from capstone import arm as arm_const

from tinyrig.generator.errors import BrokenRunError
from tinyrig.suite.cycles.instruction import MEMORY, Address, Instruction
from tinyrig.suite.cycles.tables import kinds_of_mnemonics

_NOT_DATA = frozenset({"cpsr", "itstate", "fpscr_nzcv", "pc"})
_FLAG_READERS = frozenset({"adc", "sbc", "rrx", "sel"})
_COMPARES = frozenset({"compare"})
_SHIFTER_KINDS = frozenset({"extract", "reverse"})
_DATA_KINDS = frozenset({"add", "move", "logic", "compare"})
# The first source of PKHTB is needed as early as the one it shifts.
_EARLY_FIRST = frozenset({"pkhtb"})
_WIDTHS = {"b": 1, "h": 2}
_ALWAYS = 15  # ARM_CC_AL
_NO_CONDITION = 0


@functools.cache
def _disassembler() -> capstone.Cs:
    engine = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    engine.detail = True
    return engine


def decode(code: bytes, address: int) -> tuple[Instruction, ...]:
    """Return the instructions of straight Thumb code; BrokenRunError when one is unknown."""
    found = tuple(_instruction(raw) for raw in _disassembler().disasm(code, address))
    size = sum(instruction.size for instruction in found)
    if size != len(code):
        raise BrokenRunError(
            f"The cycle models cannot read the instruction at 0x{address + size:08x}: "
            f"{code[size : size + 4].hex()}."
        )
    return found


def _instruction(raw: Any) -> Instruction:
    kinds = kinds_of_mnemonics()
    name = str(raw.insn_name())
    if name not in kinds:
        name = name.removesuffix("s")  # some are listed with the flags' s
    kind = kinds.get(name)
    if kind is None:
        raise BrokenRunError(f"The cycle models do not know {raw.mnemonic} {raw.op_str}.")
    operands = list(raw.operands)
    memory = _address(raw, kind, name, operands)
    named = [raw.reg_name(o.reg) for o in operands if o.type == capstone.CS_OP_REG]
    reads, writes = raw.regs_access()
    read = [raw.reg_name(r) for r in reads]
    written = [raw.reg_name(r) for r in writes]
    if memory is not None:
        read = [r for r in read if r not in memory.registers or _is_stored(kind, r, named)]
    if kind == "fp_load_multiple":
        written = [*written, *named]
    if kind == "fp_store_multiple":
        written = [r for r in written if r not in named]
    if kind == "saturate":
        read = named[1:]
    addend = _addend(name, kind, named)
    shifted = _shifted(raw, kind, name, operands, named)
    flags = bool(raw.update_flags) or kind in _COMPARES
    conditional = kind != "it" and raw.cc not in (_ALWAYS, _NO_CONDITION)
    partial = kind == "move_top" or name in ("bfi", "bfc")
    data = [*read, *(named[:1] if partial else ())]
    if conditional:
        data += written  # what stays when the condition fails
    for used in (*addend, *shifted):
        if used in data and named[1:].count(used) < 2:
            data.remove(used)
    return Instruction(
        address=int(raw.address),
        size=int(raw.size),
        kind=kind,
        mnemonic=name,
        text=f"{raw.mnemonic} {raw.op_str}".strip(),
        data=tuple(r for r in dict.fromkeys(data) if r not in _NOT_DATA),
        shifted=shifted,
        addend=addend,
        writes=tuple(r for r in written if r not in ("cpsr", "itstate", "fpscr_nzcv")),
        memory=memory,
        operand=_operand(operands, kind, str(raw.mnemonic)),
        registers=_listed(kind, name, named),
        conditional=conditional,
        sets_flags=flags,
        reads_flags=name in _FLAG_READERS or conditional,
    )


def _is_stored(kind: str, register: str, named: Sequence[str]) -> bool:
    """Tell whether a register of the address is also among the data that is stored."""
    return kind in ("store", "store_double") and register in named


def _listed(kind: str, name: str, named: Sequence[str]) -> int:
    if kind in ("load_double", "store_double"):
        return 2
    if name in ("push", "pop", "vpush", "vpop"):
        return len(named) * _words(named)
    if kind.endswith("_multiple"):
        return (len(named) - 1) * _words(named)
    return 0


def _words(named: Sequence[str]) -> int:
    return 2 if named and named[-1].startswith("d") and named[-1][1:].isdigit() else 1


def _address(raw: Any, kind: str, name: str, operands: Sequence[Any]) -> Address | None:
    if kind not in MEMORY:
        return None
    if name in ("push", "pop", "vpush", "vpop"):
        return Address("sp", None, 0, 4, writeback=True, step=0)
    if kind in ("load_multiple", "store_multiple", "fp_load_multiple", "fp_store_multiple"):
        base = raw.reg_name(operands[0].reg)
        return Address(base, None, 0, 4, writeback=bool(raw.writeback), step=0)
    at = next(i for i, o in enumerate(operands) if o.type == capstone.CS_OP_MEM)
    place = operands[at].mem
    index = raw.reg_name(place.index) if place.index else None
    step = 0
    if at + 1 < len(operands) and operands[at + 1].type == capstone.CS_OP_IMM:
        step = (
            -int(operands[at + 1].imm) if operands[at + 1].subtracted else int(operands[at + 1].imm)
        )
    return Address(
        base=raw.reg_name(place.base),
        index=index,
        offset=int(place.disp),
        width=_width(name, kind),
        writeback=bool(raw.writeback),
        step=step,
    )


def _width(name: str, kind: str) -> int:
    if kind.startswith("fp_") or kind.endswith("double"):
        return 4
    return _WIDTHS.get(name.removesuffix("t")[-1], 4)  # LDRBT is LDRB without privileges


def _addend(name: str, kind: str, named: Sequence[str]) -> tuple[str, ...]:
    """Return what a multiply-accumulate adds to: a long one's two results, else its last."""
    if kind != "accumulate":
        return ()
    if name.startswith(("smlal", "umlal", "smlsld", "umaal")):
        return tuple(named[:2])
    return tuple(named[3:4])


def _shifted(
    raw: Any, kind: str, name: str, operands: Sequence[Any], named: Sequence[str]
) -> tuple[str, ...]:
    if kind in _SHIFTER_KINDS:
        return tuple(named[1:2])
    if kind == "insert":
        if name in _EARLY_FIRST:
            return tuple(dict.fromkeys(named[1:3]))
        return tuple(named[-1:]) if name != "bfc" else ()
    return tuple(
        raw.reg_name(o.reg)
        for o in operands
        if o.type == capstone.CS_OP_REG and o.shift.type != arm_const.ARM_SFT_INVALID
    )


def _operand(operands: Sequence[Any], kind: str, mnemonic: str) -> str:
    if kind not in _DATA_KINDS or not operands:
        return "plain"
    last = operands[-1]
    if last.type == capstone.CS_OP_REG:
        shifted = last.shift.type != arm_const.ARM_SFT_INVALID
        return "shifted_register" if shifted else "plain"
    if last.type != capstone.CS_OP_IMM or mnemonic.startswith(("addw", "subw", "movw", "adr")):
        return "plain"
    value = int(last.imm) & 0xFFFF_FFFF
    if value <= 0xFF:
        return "plain"
    low = value & 0xFF
    patterns = (low * 0x0001_0001, (value >> 8 & 0xFF) * 0x0100_0100, low * 0x0101_0101)
    return "pattern" if value in patterns else "shifted_constant"
