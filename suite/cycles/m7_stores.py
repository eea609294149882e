"""Cortex-M7: the buffer that stores leave the core through."""

from __future__ import annotations

from collections import deque

from tinyrig.suite.cycles.tables import Timing

_BANK = 4


class StoreBuffer:
    """Stores on their way to the two banks, even and odd words.

    A narrow store reads its word first and so keeps its bank for longer. Each bank goes on by
    itself, but places in the buffer become free in the order of the stores.
    """

    def __init__(self, timing: Timing, *, unknown_banks_meet: bool) -> None:
        self._latency = timing.number("store_latency")
        self._narrow = timing.number("narrow_store_drain")
        self._unknown_banks_meet = unknown_banks_meet
        self._free = [0.0, 0.0]
        self._leaving: deque[float] = deque(maxlen=timing.number("store_buffer"))
        self._bank = 0
        self.guessed = False
        """Whether a narrow store to an unknown bank was met."""

    @property
    def ready(self) -> float:
        """The first cycle at which the buffer has room for another store."""
        return self._leaving[0] if len(self._leaving) == self._leaving.maxlen else 0.0

    def put(self, cycle: float, address: int | None, *, narrow: bool) -> float:
        """Take a store that issues in a cycle; return how much later than alone it is written."""
        if address is not None:
            self._bank = address // _BANK % 2
        else:
            self.guessed |= narrow
            self._bank ^= not self._unknown_banks_meet
        arrived = cycle + self._latency
        written = max(arrived, self._free[self._bank]) + (self._narrow if narrow else 1)
        self._free[self._bank] = written
        self._leaving.append(max(written, self._leaving[-1] if self._leaving else 0.0))
        return written - arrived - 1
