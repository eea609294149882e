"""How a board's core and memories are clocked when a product runs on it, for modelled waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import with_config

from tinyrig.generator.settings import Text, Word


@with_config(extra="forbid")
@dataclass(frozen=True)
class FlashTiming:
    """The chip's flash: wait states of its own clock, which is the core's by `clock_divider`.

    `beats` are clocks of the bus that brings a line to its cache, 0 where the line comes whole.
    `prefetch` (0 or 1): the line after the one in use is read ahead.
    """

    wait_states: Word
    clock_divider: Word
    beats: Word
    prefetch: Word
    source: Text

    @property
    def wait(self) -> int:
        """Core cycles a line that is in no cache is waited for, beyond a cache hit."""
        return self.clock_divider * (self.wait_states + self.beats)


@with_config(extra="forbid")
@dataclass(frozen=True)
class CacheTiming:
    """A cache: `sets` (a power of two) of `ways` lines of `line_bytes` (a power of two)."""

    sets: Word
    ways: Word
    line_bytes: Word
    source: Text

    @property
    def size(self) -> int:
        """Bytes the cache holds."""
        return self.sets * self.ways * self.line_bytes


@with_config(extra="forbid")
@dataclass(frozen=True)
class ExternalTiming:
    """The external flash: core cycles to wait for a line, beyond a cache hit.

    `cached` (0 or 1): lines are those of the data cache; otherwise every new line is waited for.
    """

    line_bytes: Word
    wait: Word
    cached: Word
    source: Text


@with_config(extra="forbid")
@dataclass(frozen=True)
class FastRam:
    """The first `size` bytes of a RAM region, which are read without a wait or a cache."""

    region: Text
    size: Word


@with_config(extra="forbid")
@dataclass(frozen=True)
class OperatingPoint:
    """The clock of a product, and what its memories make the core wait at it."""

    clock_mhz: Word
    flash: FlashTiming
    code_cache: CacheTiming
    data_cache: CacheTiming
    fast_ram: tuple[FastRam, ...]
    source: Text
    external_flash: ExternalTiming | None = None

    def problems(self, ram: Mapping[str, int], *, has_external: bool) -> list[str]:
        """Return what contradicts itself, or a board with RAM regions of these sizes."""
        found = [
            f"fast_ram is not in a region: {fast.region!r}, {fast.size} bytes"
            for fast in self.fast_ram
            if fast.size > ram.get(fast.region, 0)
        ]
        for name, cache in (("code_cache", self.code_cache), ("data_cache", self.data_cache)):
            if not (_is_power(cache.sets) and _is_power(cache.line_bytes) and cache.ways):
                found.append(f"{name} needs ways, and sets and line_bytes that are powers of two")
        external = self.external_flash
        if (external is not None) != has_external:
            found.append("operating_point.external_flash and external_flash belong together")
        if external and external.cached and external.line_bytes != self.data_cache.line_bytes:
            found.append("a cached external flash has the lines of the data cache")
        if external and not _is_power(external.line_bytes):
            found.append("external_flash.line_bytes must be a power of two")
        if self.flash.clock_divider == 0:
            found.append("flash.clock_divider is 0")
        if self.clock_mhz == 0:
            found.append("clock_mhz is 0")
        return [f"operating_point: {problem}" for problem in found]


def _is_power(value: int) -> bool:
    return value > 0 and value & (value - 1) == 0
