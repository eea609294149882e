"""Where an image's code lies: in the chip's flash, and in RAM that its start copies it to."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.memory_region import MemoryRegion
from tinyrig.suite.toolchain import Image


@dataclass(frozen=True)
class CodeMap:
    """Memories with code. The hook has one row of a table a halfword: flash's, then RAM's."""

    flash: MemoryRegion
    ram: MemoryRegion | None = None

    @property
    def halfwords(self) -> int:
        """Rows of a table."""
        return (self.flash.size + (self.ram.size if self.ram else 0)) // 2

    def address(self, row: int) -> int:
        """Return the address of a halfword."""
        at = 2 * row
        if self.ram is None or at < self.flash.size:
            return self.flash.origin + at
        return self.ram.origin + at - self.flash.size


def code_map(board: Board, image: Image) -> CodeMap:
    """Return where an image has code: a board's region for it where the image runs any there."""
    if not board.layout.code_region:
        return CodeMap(board.flash)
    region = board.region(board.layout.code_region)
    used = any(region.origin <= part.runs < region.end for part in image.segments)
    return CodeMap(board.flash, region if used else None)
