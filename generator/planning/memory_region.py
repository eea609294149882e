"""Blocks of a board's memory: those that cores reach, and one behind them all."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import with_config

from tinyrig.generator.settings import Number, Text, Word


@with_config(extra="forbid")
@dataclass(frozen=True)
class MemoryRegion:
    """A block of the address space: `origin` and `size` in bytes."""

    name: Text
    origin: Word
    size: Word

    @property
    def end(self) -> int:
        """The first address behind the region."""
        return self.origin + self.size


@with_config(extra="forbid")
@dataclass(frozen=True)
class RamRegion(MemoryRegion):
    """A block of RAM; `alias` is where its bytes lie too, inside another block, 0 for nowhere."""

    alias: Word = 0


@with_config(extra="forbid")
@dataclass(frozen=True)
class CopiedMemory(MemoryRegion):
    """A memory that no core reads: what lies in it is copied to another before it is used.

    The linker numbers its bytes from `origin` on, where nothing is mapped. A copy takes
    `copy_cycles` and `byte_cycles` for every byte.
    """

    copy_cycles: Word
    byte_cycles: Number
