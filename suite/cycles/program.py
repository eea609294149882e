"""The decoded blocks of an image, and the functions they belong to."""

from __future__ import annotations

import bisect
import io
from collections.abc import Sequence
from typing import Protocol

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tinyrig.generator.errors import BrokenRunError
from tinyrig.suite.cycles.decode import decode
from tinyrig.suite.cycles.instruction import Instruction
from tinyrig.suite.records.profile import Block
from tinyrig.suite.toolchain.segments import Segment, bytes_used_at


class Linked(Protocol):
    """What of an image is read."""

    @property
    def elf(self) -> bytes:
        """The file."""

    @property
    def segments(self) -> Sequence[Segment]:
        """What of it is loaded."""


class Program:
    """Decodes each block of an image once."""

    def __init__(self, image: Linked) -> None:
        self._image = image
        self._decoded: dict[Block, tuple[Instruction, ...]] = {}
        self._functions = _functions(image.elf)

    def code(self, block: Block) -> tuple[Instruction, ...]:
        """Return a block's instructions; BrokenRunError when it is outside the image."""
        if block not in self._decoded:
            self._decoded[block] = decode(self.machine_code(block), block.address)
        return self._decoded[block]

    def function(self, block: Block) -> str:
        """Return the function that starts at or last before a block; its address without one."""
        return self._holder(block)[1]

    def offset(self, block: Block) -> int:
        """Return how far, in bytes, a block lies behind the start of its function."""
        return block.address - self._holder(block)[0]

    def _holder(self, block: Block) -> tuple[int, str]:
        at = bisect.bisect_right(self._functions, (block.address, "\U0010ffff"))
        return self._functions[at - 1] if at else (block.address, f"0x{block.address:08x}")

    def machine_code(self, block: Block) -> bytes:
        """Return a block's bytes; BrokenRunError when it is outside the image."""
        found = bytes_used_at(self._image.segments, block.address, block.size)
        if len(found) != block.size:
            raise BrokenRunError(f"The block at 0x{block.address:08x} is not in the image.")
        return found


def _functions(elf: bytes) -> list[tuple[int, str]]:
    """Return address and name of every function, in order; static ones may share a name."""
    table = ELFFile(io.BytesIO(elf)).get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        return []
    return sorted(
        (int(symbol["st_value"]) & ~1, str(symbol.name))
        for symbol in table.iter_symbols()
        if symbol["st_info"]["type"] == "STT_FUNC"
    )
