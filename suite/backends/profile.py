"""Which blocks one inference executed, how often, and in what order they followed each other."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from suite.backends.caches import Caches
from suite.backends.counter import NO_BLOCK, NO_STEP, Access, Counter, Edge

_EDGE_CAPACITY = 1 << 16
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


class Recorder:
    """The memory the hook records a profile in.

    `accesses` also observes every load and store, `caches` what a board's flash makes it wait for.
    """

    def __init__(
        self, *, code_base: int, code_size: int, accesses: bool, caches: Caches | None = None
    ) -> None:
        self._code_base = code_base
        self._edges = (Edge * _EDGE_CAPACITY)()
        self._accesses = (Access * (code_size // 2 if accesses else 0))()
        self._caches = caches

    def attach(self, counter: Counter) -> None:
        """Point the hook's state here."""
        counter.edges = ctypes.addressof(self._edges)
        counter.edge_capacity = _EDGE_CAPACITY
        counter.last_block = NO_BLOCK
        if self._accesses:
            counter.accesses = ctypes.addressof(self._accesses)
        if self._caches is not None:
            self._caches.attach(counter)

    def profile(self) -> BlockProfile:
        """Return what was recorded, in the order of addresses."""
        flows: dict[int | None, list[Flow]] = {}
        for edge in self._edges:
            if edge.count == 0:
                continue
            first = edge.origin == NO_BLOCK
            origin = None if first else Block(edge.origin, edge.origin_bytes)
            step = None if edge.step == NO_STEP else int(edge.step)
            to, registers = Block(edge.to, edge.to_bytes), tuple(edge.registers)
            flow = Flow(origin, to, edge.count, registers, Misses(*edge.misses))
            flows.setdefault(step, []).append(flow)
        return BlockProfile(
            flows={step: tuple(sorted(found, key=_order)) for step, found in flows.items()},
            accesses={
                self._code_base + 2 * at: Accesses(entry.misaligned, entry.areas)
                for at, entry in enumerate(self._accesses)
                if entry.areas
            },
        )


def _order(flow: Flow) -> tuple[Block, Block]:
    return flow.to, flow.origin or Block(0, 0)
