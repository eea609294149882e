"""Reading a function: its code by capstone, its data as words, places by their symbols."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import capstone

from tinyrig.suite.gate.symbols import Routine, Symbols
from tinyrig.suite.toolchain.image import Image
from tinyrig.suite.toolchain.segments import bytes_used_at

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
    is_data: bool = False


class CodeReader(ABC):
    """Reads one function of an image; a subclass knows the instruction set."""

    def __init__(self, image: Image, symbols: Symbols, routine: Routine) -> None:
        self._image, self._symbols, self._routine = image, symbols, routine
        self._end = routine.address + routine.size

    def lines(self) -> Iterator[Line]:
        """Yield code and data in order of addresses."""
        found: list[Any] = []
        others: list[Line] = []
        at = self._routine.address
        while at < self._end:
            if self._symbols.is_data(at):
                size = 2 if at % 4 or self._end - at < 4 else 4
                others.append(self._datum(at, size))
            elif (raw := next(self.engine().disasm(self._bytes(at, 4), at, count=1), None)) is None:
                size = self.unknown_size(self._bytes(at, 2))
                number = int.from_bytes(self._bytes(at, size), "little")
                text = f".insn 0x{number:0{2 * size}x}"
                others.append(Line(at - self._routine.address, size, text))
            else:
                found.append(raw)
                size = raw.size
            at += size
        addresses = self.loaded_addresses(found)
        code = [self._code(raw, addresses.get(raw.address)) for raw in found]
        yield from sorted([*code, *others], key=lambda line: line.offset)

    @staticmethod
    @abstractmethod
    def engine() -> capstone.Cs:
        """Return the disassembler, with details."""

    @abstractmethod
    def unknown_size(self, start: bytes) -> int:
        """Return the bytes of an instruction capstone does not know, from its first two."""

    @abstractmethod
    def loaded_addresses(self, found: Sequence[Any]) -> Mapping[int, int]:
        """Return the whole value by the address of each instruction that loads a part of it."""

    @abstractmethod
    def told(self, raw: Any, loaded: int | None) -> tuple[str, int | None]:
        """Return an instruction's text and, of a branch inside the function, its target."""

    def inside(self, address: int) -> bool:
        """Whether an address is one of the function."""
        return self._routine.address <= address < self._end

    def offset(self, address: int) -> int:
        """Return an address of the function as an offset."""
        return address - self._routine.address

    def place(self, value: int) -> str | None:
        """Return the name of an address, or the text there: string literals have no symbol."""
        named = self._symbols.place(value) or self._symbols.place(value & ~1)
        if named is not None:
            return named
        text, end, _ = self._bytes(value, _LONGEST_TEXT).partition(b"\0")
        shown = text.decode("ascii", "replace")
        return json.dumps(shown) if end and shown.isprintable() else None

    def word(self, address: int) -> str:
        """Return the four bytes at an address as a place or a number."""
        value = int.from_bytes(self._bytes(address, 4), "little")
        return self.place(value) or f"0x{value:x}"

    def _code(self, raw: Any, loaded: int | None) -> Line:
        text, target = self.told(raw, loaded)
        return Line(self.offset(raw.address), raw.size, text, target)

    def _datum(self, address: int, size: int) -> Line:
        offset = self.offset(address)
        if size == 4:
            return Line(offset, 4, f".word {self.word(address)}", is_data=True)
        value = int.from_bytes(self._bytes(address, size), "little")
        return Line(offset, size, f".short 0x{value:x}", is_data=True)

    def _bytes(self, address: int, size: int) -> bytes:
        return bytes_used_at(self._image.segments, address, size)
