"""Records which blocks one inference executed, how often, and in what order."""

from __future__ import annotations

import ctypes

from tinyrig.suite.backends.caches import Caches
from tinyrig.suite.backends.code_map import CodeMap
from tinyrig.suite.backends.counter import NO_BLOCK, NO_STEP, Access, Counter, Edge
from tinyrig.suite.records.profile import Accesses, Block, BlockProfile, Flow, Misses

_EDGE_CAPACITY = 1 << 16


class Recorder:
    """The memory the hook records a profile in.

    `code` is where the image has any. `accesses` also observes every load and store, `caches` what
    a board's flash makes it wait for.
    """

    def __init__(self, code: CodeMap, *, accesses: bool, caches: Caches | None = None) -> None:
        self._code = code
        self._edges = (Edge * _EDGE_CAPACITY)()
        self._accesses = (Access * (code.halfwords if accesses else 0))()
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
                self._code.address(at): Accesses(entry.misaligned, entry.areas)
                for at, entry in enumerate(self._accesses)
                if entry.areas
            },
        )


def _order(flow: Flow) -> tuple[Block, Block]:
    return flow.to, flow.origin or Block(0, 0)
