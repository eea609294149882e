"""RISC-V code without addresses of its own."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import capstone

from tinyrig.suite.gate.code_reader import CodeReader

_PARTS_APART = 16
"""Instructions that may lie between the two that load the parts of an address."""
_UPPER = ("lui", "auipc")
_LOWER = ("addi", "jalr", "lw", "lh", "lhu", "lb", "lbu", "sw", "sh", "sb")
_DISPLACED = re.compile(r"(-?(?:0x)?[0-9a-f]+)\((\w+)\)$")
_JUMPS = frozenset(
    "beq bne blt bge bltu bgeu beqz bnez blez bgez bltz bgtz j jal".split()  # noqa: SIM905
)
_MASK = 0xFFFF_FFFF


class RiscvCode(CodeReader):
    """Reads a function of RV32 code; what is not of the base set or compressed is a number."""

    @staticmethod
    @functools.cache
    def engine() -> capstone.Cs:
        """Return the disassembler of RV32 code, with details."""
        mode = capstone.CS_MODE_RISCV32 | capstone.CS_MODE_RISCVC
        engine = capstone.Cs(capstone.CS_ARCH_RISCV, mode)
        engine.detail = True
        return engine

    def unknown_size(self, start: bytes) -> int:
        """Return 4 unless the instruction is compressed."""
        return 4 if start[0] & 3 == 3 else 2

    def told(self, raw: Any, loaded: int | None) -> tuple[str, int | None]:
        """Return an instruction's text and, of a jump inside the function, its target."""
        name = raw.mnemonic.removeprefix("c.")
        registers, _, last = raw.op_str.rpartition(", ")
        if loaded is not None and (place := self.place(loaded)) is not None:
            base = f"({found[2]})" if (found := _DISPLACED.search(last)) else ""
            return f"{raw.mnemonic} {registers}, {place}{base}", None
        if name in _JUMPS and raw.operands[-1].type == capstone.CS_OP_IMM:
            to = (int(raw.address) + int(raw.operands[-1].imm)) & _MASK
            head = f"{raw.mnemonic} {registers}, " if registers else f"{raw.mnemonic} "
            if self.inside(to):
                return f"{head}@", self.offset(to)
            return f"{head}{self.place(to) or hex(to)}", None
        return f"{raw.mnemonic} {raw.op_str}".strip(), None

    def loaded_addresses(self, found: Sequence[Any]) -> Mapping[int, int]:
        """Return the whole value by the address of each instruction that has a part of it."""
        values: dict[int, int] = {}
        for index, raw in enumerate(found):
            lower = _lower(raw)
            if lower is None:
                continue
            for before in reversed(found[max(0, index - _PARTS_APART) : index]):
                if before.operands and before.reg_name(before.operands[0].reg) == lower[0]:
                    if before.mnemonic in _UPPER:
                        whole = _upper(before) + lower[1] & _MASK
                        values[before.address] = values[raw.address] = whole
                    break
        return values


def _lower(raw: Any) -> tuple[str, int] | None:
    """Return the register and the number an instruction adds to it, if it is one of those."""
    if raw.mnemonic not in _LOWER:
        return None
    if found := _DISPLACED.search(raw.op_str):
        return found[2], int(found[1], 0)
    if len(raw.operands) == 3 and raw.operands[2].type == capstone.CS_OP_IMM:
        return raw.reg_name(raw.operands[1].reg), int(raw.operands[2].imm)
    return None


def _upper(raw: Any) -> int:
    """Return what LUI or AUIPC puts into its register."""
    upper = int(raw.operands[1].imm) << 12
    return upper + int(raw.address) if raw.mnemonic == "auipc" else upper
