"""A function's instructions as text that is the same wherever the function lies."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import capstone

from suite.build.image import Image
from suite.gate.symbols import Routine, Symbols

_BRANCHES = frozenset((capstone.CS_GRP_JUMP, capstone.CS_GRP_CALL))
_OF_PC = {"addw": 1, "subw": -1}
_HALVES_APART = 16
"""Instructions that may lie between the two that load the halves of an address."""
_LONGEST_TEXT = 80


@dataclass(frozen=True)
class Line:
    """One instruction or word of data.

    `text` names places outside the function by symbol and writes `@` for one inside it, whose
    offset is `target`. `offset` is from the function's start, `size` in bytes.
    """

    offset: int
    size: int
    text: str
    target: int | None = None


@dataclass(frozen=True)
class Listing:
    """A function's lines in order of addresses."""

    routine: Routine
    lines: tuple[Line, ...]

    @property
    def instructions(self) -> Iterator[Line]:
        """The lines that are code."""
        return (line for line in self.lines if not line.text.startswith("."))


def list_routine(image: Image, symbols: Symbols, routine: Routine) -> Listing:
    """Return a function's listing; bytes capstone does not know are listed as data."""
    return Listing(routine, tuple(_Reader(image, symbols, routine).lines()))


@functools.cache
def _disassembler() -> capstone.Cs:
    engine = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    engine.detail = True
    return engine


class _Reader:
    def __init__(self, image: Image, symbols: Symbols, routine: Routine) -> None:
        self._image, self._symbols, self._routine = image, symbols, routine
        self._end = routine.address + routine.size

    def lines(self) -> Iterator[Line]:
        """Yield code and data in order; literals are told where they are loaded."""
        found: list[Any] = []
        data: list[Line] = []
        at = self._routine.address
        while at < self._end:
            if self._symbols.is_data(at):
                size = 2 if at % 4 or self._end - at < 4 else 4
                data.append(self._datum(at, size))
                at += size
                continue
            raw = next(_disassembler().disasm(self._bytes(at, 4), at, count=1), None)
            if raw is None:
                data.append(self._datum(at, 2))
                at += 2
                continue
            found.append(raw)
            at += raw.size
        halves = _halves(found)
        code = [self._code(raw, halves.get(raw.address)) for raw in found]
        yield from sorted([*code, *data], key=lambda line: line.offset)

    def _code(self, raw: Any, address: int | None) -> Line:
        offset = raw.address - self._routine.address
        text = f"{raw.mnemonic} {raw.op_str}".strip()
        target: int | None = None
        if address is not None and (place := self._place(address)) is not None:
            half = "lower" if raw.mnemonic.startswith("movw") else "upper"
            text = f"{raw.mnemonic} {raw.reg_name(raw.operands[0].reg)}, #{half}({place})"
        elif _BRANCHES.intersection(raw.groups) and _last_is_number(raw):
            text, target = self._branch(raw)
        elif (literal := _literal_address(raw)) is not None:
            text, target = self._literal(raw, literal)
        return Line(offset, raw.size, text, target)

    def _branch(self, raw: Any) -> tuple[str, int | None]:
        to = int(raw.operands[-1].imm) & 0xFFFF_FFFF
        head = f"{raw.mnemonic} {raw.op_str.rpartition('#')[0]}"
        inside = self._routine.address <= to < self._end
        if inside and raw.mnemonic != "bl":
            return f"{head}@", to - self._routine.address
        return f"{head}{self._symbols.place(to & ~1) or hex(to)}", None

    def _literal(self, raw: Any, address: int) -> tuple[str, int | None]:
        register = raw.reg_name(raw.operands[0].reg)
        words = {"ldr": 1, "vldr": 2 if register.startswith("d") else 1}
        inside = self._routine.address <= address < self._end
        count = words.get(raw.mnemonic.split(".")[0])
        if count is None:
            place = "@" if inside else self._symbols.place(address) or hex(address)
            return f"{raw.mnemonic} {register}, {place}", (
                address - self._routine.address if inside else None
            )
        values = (self._word(address + 4 * index) for index in range(count))
        return f"{raw.mnemonic} {register}, =" + ":".join(values), None

    def _datum(self, address: int, size: int) -> Line:
        offset = address - self._routine.address
        if size == 4:
            return Line(offset, 4, f".word {self._word(address)}")
        value = int.from_bytes(self._bytes(address, size), "little")
        return Line(offset, size, f".short 0x{value:x}")

    def _word(self, address: int) -> str:
        value = int.from_bytes(self._bytes(address, 4), "little")
        return self._place(value) or f"0x{value:x}"

    def _place(self, value: int) -> str | None:
        """Return the name of an address, or the text there: string literals have no symbol."""
        named = self._symbols.place(value) or self._symbols.place(value & ~1)
        if named is not None:
            return named
        text, end, _ = self._bytes(value, _LONGEST_TEXT).partition(b"\0")
        shown = text.decode("ascii", "replace")
        return json.dumps(shown) if end and shown.isprintable() else None

    def _bytes(self, address: int, size: int) -> bytes:
        for segment in self._image.segments:
            at = address - segment.address
            if 0 <= at < len(segment.data):
                return segment.data[at : at + size]
        return b""


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


def _halves(found: list[Any]) -> dict[int, int]:
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
