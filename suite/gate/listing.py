"""A function's instructions as text that is the same wherever the function lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tinyrig.suite.gate.code_reader import CodeReader, Line
from tinyrig.suite.gate.riscv_code import RiscvCode
from tinyrig.suite.gate.symbols import Machine, Routine, Symbols
from tinyrig.suite.gate.thumb_code import ThumbCode
from tinyrig.suite.toolchain.image import Image

_READERS: dict[Machine, type[CodeReader]] = {"arm": ThumbCode, "riscv": RiscvCode}


@dataclass(frozen=True)
class Listing:
    """A function's lines in order of addresses."""

    routine: Routine
    lines: tuple[Line, ...]

    @property
    def instructions(self) -> Iterator[Line]:
        """The lines that are code."""
        return (line for line in self.lines if not line.is_data)


def list_routine(image: Image, symbols: Symbols, routine: Routine) -> Listing:
    """Return a function's listing; code capstone does not know is listed as numbers."""
    reader = _READERS[symbols.machine](image, symbols, routine)
    return Listing(routine, tuple(reader.lines()))
