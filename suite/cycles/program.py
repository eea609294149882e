"""The decoded blocks of an image."""

from __future__ import annotations

from generator.errors import BrokenRunError
from suite.backends.profile import Block
from suite.build import Image
from suite.cycles.decode import decode
from suite.cycles.instruction import Instruction


class Program:
    """Decodes each block of an image once."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._decoded: dict[Block, tuple[Instruction, ...]] = {}

    def code(self, block: Block) -> tuple[Instruction, ...]:
        """Return a block's instructions; BrokenRunError when it is outside the image."""
        if block not in self._decoded:
            self._decoded[block] = decode(self._bytes(block), block.address)
        return self._decoded[block]

    def _bytes(self, block: Block) -> bytes:
        for segment in self._image.segments:
            at = block.address - segment.address
            if at >= 0 and at + block.size <= len(segment.data):
                return segment.data[at : at + block.size]
        raise BrokenRunError(f"The block at 0x{block.address:08x} is not in the image.")
