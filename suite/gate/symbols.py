"""The symbols of a firmware: its functions with their files, its objects, code and data apart."""

from __future__ import annotations

import bisect
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tinyrig.suite.toolchain.image import Image

Machine = Literal["arm", "riscv"]

_CODE, _DATA = ("$t", "$x"), "$d"
_BOUND = "tr_ld_"


@dataclass(frozen=True, order=True)
class Routine:
    """A function: `address` without the Thumb bit, `size` in bytes, the file it came from."""

    address: int
    size: int
    name: str
    file: str


@dataclass(frozen=True, order=True)
class Datum:
    """An object in flash or RAM: bytes [address, address + size)."""

    address: int
    size: int
    name: str


@dataclass(frozen=True)
class Symbols:
    """`routines` and `data` in order of addresses; `marks` are where code or data (True) begins.

    `bounds` are the addresses that the linker script names, ends of sections.
    """

    machine: Machine
    routines: tuple[Routine, ...]
    data: tuple[Datum, ...]
    marks: tuple[tuple[int, bool], ...] = field(repr=False)
    bounds: Mapping[int, str] = field(repr=False)

    def is_data(self, address: int) -> bool:
        """Whether a place among the code holds data: literals or a jump table."""
        at = bisect.bisect_right(self.marks, (address, True))
        return at > 0 and self.marks[at - 1][1]

    def place(self, address: int) -> str | None:
        """Return `name` or `name+0xoffset` of a function or object, or a bound; None otherwise."""
        for kind in (self.routines, self.data):
            at = bisect.bisect_right(kind, address, key=lambda symbol: symbol.address)
            if at:
                symbol = kind[at - 1]
                offset = address - symbol.address
                if offset < symbol.size:
                    return symbol.name + (f"+0x{offset:x}" if offset else "")
        return self.bounds.get(address)


def read_symbols(image: Image) -> Symbols:
    """Return the symbols of an image, which always has a table of them."""
    elf = ELFFile(io.BytesIO(image.elf))
    table = elf.get_section_by_name(".symtab")
    assert isinstance(table, SymbolTableSection)
    file = ""
    starts: list[tuple[int, str]] = []
    marks: set[tuple[int, bool]] = set()
    functions: dict[int, tuple[int, str]] = {}
    data: dict[int, Datum] = {}
    bounds: dict[int, str] = {}
    for symbol in table.iter_symbols():
        kind, name = symbol["st_info"]["type"], str(symbol.name)
        address, size = int(symbol["st_value"]), int(symbol["st_size"])
        if kind == "STT_FILE":
            file = name
        elif name.startswith((*_CODE, _DATA)):
            marks.add((address, name.startswith(_DATA)))
            starts.append((address, file))
        elif kind == "STT_FUNC" and size:
            functions[address & ~1] = (size, name)
        elif kind == "STT_OBJECT" and size:
            data[address] = Datum(address, size, name)
        elif name.startswith(_BOUND):
            # Of an empty section both ends lie at one place.
            bounds[address] = min(name, bounds.get(address, name))
    starts.sort()
    return Symbols(
        machine="riscv" if elf["e_machine"] == "EM_RISCV" else "arm",
        routines=tuple(
            Routine(address, size, name, _file_at(starts, address))
            for address, (size, name) in sorted(functions.items())
        ),
        data=tuple(data[address] for address in sorted(data)),
        marks=tuple(sorted(marks)),
        bounds=bounds,
    )


def _file_at(starts: list[tuple[int, str]], address: int) -> str:
    """Return the file whose code is at an address: each file marks where its code begins."""
    at = bisect.bisect_right(starts, address, key=lambda start: start[0])
    return starts[at - 1][1] if at else ""
