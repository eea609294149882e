"""Thumb code without addresses of its own."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import capstone

from tinyrig.suite.gate.code_reader import CodeReader

_BRANCHES = frozenset((capstone.CS_GRP_JUMP, capstone.CS_GRP_CALL))
_OF_PC = {"addw": 1, "subw": -1}
_HALVES_APART = 16
"""Instructions that may lie between the two that load the halves of an address."""


class ThumbCode(CodeReader):
    """Reads a function of Thumb code."""

    @staticmethod
    @functools.cache
    def engine() -> capstone.Cs:
        """Return the disassembler of Thumb code, with details."""
        engine = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
        engine.detail = True
        return engine

    def unknown_size(self, start: bytes) -> int:
        """Return 4 for the first half of a 32-bit instruction."""
        return 4 if start[1] >> 3 in (0b11101, 0b11110, 0b11111) else 2

    def told(self, raw: Any, loaded: int | None) -> tuple[str, int | None]:
        """Return an instruction's text and, of a branch inside the function, its target."""
        if loaded is not None and (place := self.place(loaded)) is not None:
            half = "lower" if raw.mnemonic.startswith("movw") else "upper"
            return f"{raw.mnemonic} {raw.reg_name(raw.operands[0].reg)}, #{half}({place})", None
        if _BRANCHES.intersection(raw.groups) and _last_is_number(raw):
            return self._branch(raw)
        if (literal := _literal_address(raw)) is not None:
            return self._literal(raw, literal)
        return f"{raw.mnemonic} {raw.op_str}".strip(), None

    def loaded_addresses(self, found: Sequence[Any]) -> Mapping[int, int]:
        """Return the whole value by the address of each MOVW and MOVT that load its halves."""
        values: dict[int, int] = {}
        for index, raw in enumerate(found):
            if not raw.mnemonic.startswith("movt"):
                continue
            register = raw.operands[0].reg
            for before in reversed(found[max(0, index - _HALVES_APART) : index]):
                if register not in before.regs_access()[1]:
                    continue
                if before.mnemonic.startswith("movw"):
                    whole = int(raw.operands[1].imm) << 16 | int(before.operands[1].imm) & 0xFFFF
                    values[before.address] = values[raw.address] = whole
                break
        return values

    def _branch(self, raw: Any) -> tuple[str, int | None]:
        to = int(raw.operands[-1].imm) & 0xFFFF_FFFF
        head = f"{raw.mnemonic} {raw.op_str.rpartition('#')[0]}"
        if self.inside(to) and raw.mnemonic != "bl":
            return f"{head}@", self.offset(to)
        return f"{head}{self.place(to & ~1) or hex(to)}", None

    def _literal(self, raw: Any, address: int) -> tuple[str, int | None]:
        register = raw.reg_name(raw.operands[0].reg)
        words = {"ldr": 1, "vldr": 2 if register.startswith("d") else 1}
        count = words.get(raw.mnemonic.split(".")[0])
        if count is not None:
            values = (self.word(address + 4 * index) for index in range(count))
            return f"{raw.mnemonic} {register}, =" + ":".join(values), None
        if self.inside(address):
            return f"{raw.mnemonic} {register}, @", self.offset(address)
        return f"{raw.mnemonic} {register}, {self.place(address) or hex(address)}", None


def _last_is_number(raw: Any) -> bool:
    return bool(raw.operands) and raw.operands[-1].type == capstone.CS_OP_IMM


def _literal_address(raw: Any) -> int | None:
    """Return where a load or ADR relative to the program counter looks."""
    base, operands = (int(raw.address) + 4) & ~3, raw.operands
    if raw.mnemonic.startswith("adr"):
        return base + int(operands[-1].imm)
    if raw.mnemonic in _OF_PC and raw.reg_name(operands[1].reg) == "pc" and _last_is_number(raw):
        return base + _OF_PC[raw.mnemonic] * int(operands[-1].imm)
    for operand in operands:
        if operand.type == capstone.CS_OP_MEM and raw.reg_name(operand.mem.base) == "pc":
            return None if operand.mem.index else base + int(operand.mem.disp)
    return None
