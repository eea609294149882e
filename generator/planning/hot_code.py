"""Which kernels are copied from flash to the RAM a board fetches code from without a wait.

What an inference waits for their code is estimated by calls and predicted cycles, from what single
calls waited through one board's cache of code; the modelled cycles with the board's memory then
tell what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.code_costs import code_costs
from tinyrig.generator.planning.hot_tables import copy_cycles
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.knapsack import most_saving
from tinyrig.generator.planning.memory_region import MemoryRegion

FREE_START = 32
"""Bytes at the start of a region of code that stay free: at address 0 there is no function, whose
pointer would be a null pointer but for the Thumb bit, and no line of debug information, for
linkers put those of functions they leave out there."""


@dataclass(frozen=True)
class RamCode:
    """Kernels that are copied into a RAM region, in their order there.

    `size` are the bytes they may take by the kept sizes, `start` the core cycles of the copy, once
    after a reset.
    """

    region: str
    kernels: tuple[str, ...]
    size: int
    start: int


def code_place(board: Board) -> MemoryRegion | None:
    """Return the memory for copied code; None where the board has none, or no operating point.

    Without one nothing is known to wait for flash.
    """
    if not board.layout.code_region or board.operating_point is None:
        return None
    region = board.region(board.layout.code_region)
    return MemoryRegion(region.name, region.origin + FREE_START, region.size - FREE_START)


@dataclass(frozen=True)
class KernelUse:
    """A kernel in a plan: how often an inference calls it, and the cycles all calls take."""

    kernel: Kernel
    calls: int
    cycles: int


@dataclass(frozen=True)
class _Offer:
    name: str
    size: int
    waits: float


def plan_code(
    board: Board, uses: Iterable[KernelUse], *, most: int | None = None
) -> RamCode | None:
    """Return the kernels to copy: those that are waited for most together, the first of them most.

    `most` bytes may be copied, where that is limited. None where there is no place, or nothing
    that fits. A kernel of which no size is kept stays in flash.
    """
    place, point = code_place(board), board.operating_point
    if place is None or point is None:
        return None
    offers = _offers(board.core, uses)
    room = place.size if most is None else min(place.size, most)
    best = sorted(most_saving(offers, room), key=lambda one: (-one.waits, one.name))
    if not best:
        return None
    size = sum(one.size for one in best)
    lines = -(-size // point.data_cache.line_bytes)
    return RamCode(
        region=place.name,
        kernels=tuple(one.name for one in best),
        size=size,
        start=copy_cycles(size, lines * point.flash.wait),
    )


def _offers(core: str, uses: Iterable[KernelUse]) -> list[_Offer]:
    costs = code_costs(core)
    waits: dict[str, float] = {}
    for use in uses:
        cost = costs.get(use.kernel.name)
        if cost is not None:
            more = cost.waits(use.calls, use.cycles)
            waits[use.kernel.name] = waits.get(use.kernel.name, 0.0) + more
    return [_Offer(name, costs[name].bytes, each) for name, each in waits.items() if each > 0]
