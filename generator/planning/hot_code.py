"""Which kernels are copied from flash to the RAM a board fetches code from without a wait.

What an inference waits for their code is estimated by calls and predicted cycles, from what single
calls waited through one board's cache of code, or where a board's is small by what is fitted to
such caches; the modelled cycles with the board's memory then tell what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.code_costs import code_costs
from tinyrig.generator.planning.costs import has_small_cache
from tinyrig.generator.planning.hot_tables import copy_cycles
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.knapsack import most_saving
from tinyrig.generator.planning.memory_region import MemoryRegion

FREE_START = 32
"""Bytes at the start of a region of code that stay free: at address 0 there is no function, whose
pointer would be a null pointer but for the Thumb bit, and no line of debug information, for
linkers put those of functions they leave out there."""


_ALIAS_UNIT = 1024
"""Whole units are taken of RAM that data has otherwise: another release of a compiler fits too."""


@dataclass(frozen=True)
class RamCode:
    """Kernels that are copied into a RAM region, in their order there.

    `place` is the memory they are linked into. `size` are the bytes they may take by the kept
    sizes, `start` the core cycles of the copy, once after a reset, `saved` those an inference is
    estimated to wait less.
    """

    place: MemoryRegion
    kernels: tuple[str, ...]
    size: int
    start: int
    saved: int = 0

    @property
    def region(self) -> str:
        """The RAM region's name."""
        return self.place.name


def code_place(board: Board, data: int = 0) -> MemoryRegion | None:
    """Return the memory for copied code; None where the board has none, or no operating point.

    Without one nothing is known to wait for flash. `data` are the bytes at the start of the region
    of data that the RAM for code may be an alias of: code lies behind them.
    """
    if not board.layout.code_region or board.operating_point is None:
        return None
    region = board.region(board.layout.code_region)
    holding = board.aliased(region)
    if holding is None:
        return MemoryRegion(region.name, region.origin + FREE_START, region.size - FREE_START)
    free = min(region.size, max(0, region.alias + region.size - holding.origin - data))
    return _last(region, free // _ALIAS_UNIT * _ALIAS_UNIT)


def data_size(board: Board, region: str, code: RamCode | None) -> int:
    """Return the bytes of a RAM region that copied code leaves to data."""
    ram = board.region(region)
    alias = None if code is None else board.region(code.region)
    if code is None or alias is None or board.aliased(alias) != ram:
        return ram.size
    return alias.alias + code.place.origin - alias.origin - ram.origin


def data_behind(board: Board, code: RamCode) -> MemoryRegion | None:
    """Return what of a region of data lies behind copied code; None where code is not inside it.

    No region of the board has its name.
    """
    alias = board.region(code.region)
    holding = board.aliased(alias)
    if holding is None:
        return None
    start = alias.alias + alias.size
    return MemoryRegion(f"{holding.name}_behind", start, holding.end - start)


def _last(region: MemoryRegion, size: int) -> MemoryRegion:
    return MemoryRegion(region.name, region.end - size, size)


@dataclass(frozen=True)
class KernelUse:
    """A kernel in a plan: how often an inference calls it, and the cycles all calls take.

    `fetched` are those that they are predicted to wait for its code, where a small cache has it.
    """

    kernel: Kernel
    calls: int
    cycles: int
    fetched: int = 0


@dataclass(frozen=True)
class _Offer:
    name: str
    size: int
    waits: float


def plan_code(
    board: Board, uses: Iterable[KernelUse], *, most: int | None = None, data: int = 0
) -> RamCode | None:
    """Return the kernels to copy: those that are waited for most together, the first of them most.

    `most` bytes may be copied, where that is limited; for `data` see `code_place`. None where there
    is no place, or nothing that fits. A kernel of which no size is kept stays in flash.
    """
    place, point = code_place(board, data), board.operating_point
    if place is None or point is None:
        return None
    offers = _offers(board, uses)
    room = place.size if most is None else min(place.size, most)
    best = sorted(most_saving(offers, room), key=lambda one: (-one.waits, one.name))
    if not best:
        return None
    size = sum(one.size for one in best)
    lines = -(-size // point.data_cache.line_bytes)
    if board.aliased(board.region(place.name)) is not None:
        place = _last(place, -(-size // _ALIAS_UNIT) * _ALIAS_UNIT)
    return RamCode(
        place=place,
        kernels=tuple(one.name for one in best),
        size=size,
        start=copy_cycles(size, lines * point.flash.wait),
        saved=round(sum(one.waits for one in best)),
    )


def _offers(board: Board, uses: Iterable[KernelUse]) -> list[_Offer]:
    costs, small = code_costs(board.core), has_small_cache(board)
    waits: dict[str, float] = {}
    for use in uses:
        cost = costs.get(use.kernel.name)
        if cost is not None:
            more = use.fetched if small else cost.waits(use.calls, use.cycles)
            waits[use.kernel.name] = waits.get(use.kernel.name, 0.0) + more
    return [_Offer(name, costs[name].bytes, each) for name, each in waits.items() if each > 0]
