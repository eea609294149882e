"""The memory of the caches the hook asks: what a board's flash is read through."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.memory_region import MemoryRegion
from tinyrig.generator.planning.operating_point import CacheTiming, OperatingPoint
from tinyrig.suite.backends.code_map import CodeMap, code_map
from tinyrig.suite.backends.counter import Cache, Counter, Load
from tinyrig.suite.toolchain import Image
from tinyrig.suite.toolchain.segments import Segment

_LOAD_CAPACITY = 1 << 16


class Caches:
    """Empty caches of an operating point, before a flash that segments lie in.

    RAM with code is fetched from and read beside them.
    """

    def __init__(
        self,
        point: OperatingPoint,
        segments: Sequence[Segment],
        code: CodeMap,
        external: MemoryRegion | None = None,
    ) -> None:
        self._code_used = _used(segments, code.flash)
        self._first_loads = (ctypes.c_uint32 * code.halfwords)()
        self._loads = (Load * _LOAD_CAPACITY)()
        self._external = (external.origin, _used(segments, external)) if external else (0, 0)
        self._lines: list[ctypes.Array[ctypes.c_uint32]] = []
        self._fetches = self._cache(point.code_cache)
        self._reads = self._cache(point.data_cache)
        outside = point.external_flash
        self._external_reads = self._reads
        if outside is not None and not outside.cached:
            self._external_reads = self._cache(
                CacheTiming(sets=1, ways=1, line_bytes=outside.line_bytes, source=outside.source)
            )

    def empty(self) -> None:
        """Take every line out."""
        for lines in self._lines:
            ctypes.memset(lines, 0, ctypes.sizeof(lines))

    def attach(self, counter: Counter) -> None:
        """Point the hook's state here."""
        counter.first_loads = ctypes.addressof(self._first_loads)
        counter.loads = ctypes.addressof(self._loads)
        counter.load_capacity = _LOAD_CAPACITY
        counter.fetches = self._fetches
        counter.reads = self._reads
        counter.external_reads = self._external_reads
        counter.code_used = self._code_used
        counter.external_base, counter.external_used = self._external

    def _cache(self, timing: CacheTiming) -> Cache:
        lines = (ctypes.c_uint32 * (timing.sets * timing.ways))()
        self._lines.append(lines)
        return Cache(
            lines=ctypes.addressof(lines),
            shift=timing.line_bytes.bit_length() - 1,
            sets=timing.sets,
            ways=timing.ways,
        )


def board_caches(board: Board, image: Image) -> Caches | None:
    """Return empty caches of a board for one image; None without an operating point."""
    point = board.operating_point
    if point is None:
        return None
    return Caches(point, image.segments, code_map(board, image), board.external_flash)


def _used(segments: Sequence[Segment], flash: MemoryRegion) -> int:
    """Return how many bytes of a flash, from its start, segments take."""
    ends = (part.address + len(part.data) for part in segments)
    return max((end - flash.origin for end in ends if flash.origin < end <= flash.end), default=0)
