"""Which blocks one inference executed, how often, and in what order they followed each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tinyrig.suite.records.cycle_split import CycleSplit

REGISTERS = (*(f"r{number}" for number in range(9)), "sb", "sl", "fp", "ip", "sp")
"""Names of a flow's registers, in order."""


@dataclass(frozen=True, order=True)
class Block:
    """Straight code: `address` of its first instruction, `size` in bytes."""

    address: int
    size: int

    @property
    def end(self) -> int:
        """The first address behind the block."""
        return self.address + self.size


class Misses(NamedTuple):
    """Lines of flash that were in no cache.

    `jumped` were fetched first after a jump, `next` in a row; `data` were read from the chip's
    flash, `external` from the other one.
    """

    jumped: int = 0
    next: int = 0
    data: int = 0
    external: int = 0


NO_MISSES = Misses()


@dataclass(frozen=True)
class Flow:
    """`count` times `to` was executed right after `origin` (None: first of the inference).

    `registers` are r0 to r12 and sp when `to` was first entered this way. `misses` are the lines
    of flash that all its executions had to wait for; none without caches.
    """

    origin: Block | None
    to: Block
    count: int
    registers: tuple[int, ...] = field(repr=False)
    misses: Misses = NO_MISSES

    @property
    def taken(self) -> bool:
        """Whether a branch was taken: the second block is not the next in memory."""
        return self.origin is not None and self.to.address != self.origin.end


@dataclass(frozen=True)
class Accesses:
    """What one load or store did: misaligned accesses, and the memory areas it touched.

    Bit `a` of `areas` stands for the 256 MiB from `a << 28` on.
    """

    misaligned: int
    areas: int


@dataclass(frozen=True)
class BlockProfile:
    """The flows of one inference by step, the glue between steps under None.

    `accesses` is by instruction address; empty unless accesses were profiled.
    """

    flows: Mapping[int | None, tuple[Flow, ...]] = field(repr=False)
    accesses: Mapping[int, Accesses] = field(repr=False)

    def block_counts(self, step: int | None) -> dict[Block, int]:
        """Return how often each block of a step was executed."""
        counts: dict[Block, int] = {}
        for flow in self.flows.get(step, ()):
            counts[flow.to] = counts.get(flow.to, 0) + flow.count
        return counts


@dataclass(frozen=True)
class CountedCycles:
    """Cycles the backend itself counted, of one inference.

    `model` says what counted, `by_step` has one number a step of a checked build (empty for a
    clean one), `error_percent` is the spread that was seen (None: not known). `splits` tell where
    each step's went, of a backend that knows.
    """

    source: Literal["simulated", "measured"]
    model: str
    total: int
    by_step: tuple[int, ...]
    error_percent: float | None
    memory: Literal["0ws", "board"]
    splits: tuple[CycleSplit, ...] = ()
