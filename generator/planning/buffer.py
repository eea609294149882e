"""Buffers of the arena, and which of them may overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ALIGNMENT = 4

Offsets = Mapping[str, int]

Overwrites = Mapping[tuple[str, str], int]
"""(writer, reader) to distance: while both live, the writer may lie over the reader as long as
reader offset - writer offset is at least the distance in bytes, which is a multiple of 4."""


def align(size: int, alignment: int = ALIGNMENT) -> int:
    """Round up to a multiple, by itself to the arena's alignment."""
    return -(-size // alignment) * alignment


@dataclass(frozen=True)
class Buffer:
    """`size` bytes needed from step `first` to step `last`, both included.

    Its offset is to be a multiple of `alignment`, which is one of 4.
    """

    name: str
    size: int
    first: int
    last: int
    alignment: int = ALIGNMENT

    @property
    def aligned(self) -> int:
        """The size rounded up to the arena's alignment."""
        return align(self.size)

    def meets(self, other: Buffer) -> bool:
        """True when both are live in some step."""
        return self.first <= other.last and other.first <= self.last


def peak(buffers: Sequence[Buffer], offsets: Offsets) -> int:
    """Return the bytes the arena needs for these offsets."""
    return max((offsets[b.name] + b.aligned for b in buffers), default=0)
