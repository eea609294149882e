"""Cortex-M4: what instructions wait for their own code, at one word of flash a cycle."""

from __future__ import annotations

from collections.abc import Sequence

from tinyrig.suite.cycles.instruction import Instruction
from tinyrig.suite.cycles.tables import Timing

_WORD = 4


def fetch_waits(
    code: Sequence[Instruction], costs: Sequence[int], refill: int, timing: Timing
) -> list[int]:
    """Return the cycles each instruction of straight code waits until all of it is fetched.

    `costs` are the cycles the instructions take themselves. The first one waits `refill` cycles,
    one more when it straddles two words.
    """
    buffer = _PrefetchBuffer(code[0].address // _WORD, refill, timing)
    ready = 0
    waits = []
    for at, (instruction, cost) in enumerate(zip(code, costs, strict=True)):
        start = max(ready, buffer.arrival((instruction.end - 1) // _WORD) + 1)
        buffer.decode(instruction, start - 1)
        if at + 1 < len(code) and instruction.kind == "branch" and instruction.conditional:
            buffer.lend_bus(start - 1)  # to the branch's target, which turned out not to be next
        waits.append(start - ready)
        ready = start + cost
        buffer.run_ahead(ready - 1)
    return waits


class _PrefetchBuffer:
    """The words of code that were requested; a cycle is counted from the first instruction's.

    A word's place is free again in the cycle in which the last instruction in it is decoded.
    A fetch that stood still for want of a place begins a cycle later.
    """

    def __init__(self, first: int, refill: int, timing: Timing) -> None:
        self._words = timing.number("prefetch_words")
        self._latency = timing.number("prefetch_latency")
        self._restart = timing.number("prefetch_restart")
        self._first = self._next = first
        self._last_request = refill - self._latency - 2
        self._arrivals: dict[int, int] = {}
        self._freed: dict[int, int] = {}
        self._lent: set[int] = set()

    def arrival(self, word: int) -> int:
        """Return the cycle in which a word can be decoded first, fetching all up to it."""
        while self._next <= word:
            at = self._next_request()
            assert at is not None  # what comes before a word that is needed now was decoded
            self._request(at)
        return self._arrivals[word]

    def run_ahead(self, cycle: int) -> None:
        """Fetch what there is a place for before a cycle."""
        while True:
            at = self._next_request()
            if at is None or at >= cycle:
                return
            self._request(at)

    def decode(self, instruction: Instruction, cycle: int) -> None:
        """Free the words that end with or in an instruction."""
        for word in range(instruction.address // _WORD, instruction.end // _WORD):
            self._freed[word] = cycle

    def lend_bus(self, cycle: int) -> None:
        """Fetch something else in a cycle."""
        self._lent.add(cycle)

    def _next_request(self) -> int | None:
        at = self._last_request + 1
        if self._next - self._words >= self._first:
            freed = self._freed.get(self._next - self._words)
            if freed is None:
                return None
            if freed > at:
                at = freed + self._restart
        while at in self._lent:
            at += 1
        return at

    def _request(self, at: int) -> None:
        self._arrivals[self._next] = at + self._latency
        self._last_request = at
        self._next += 1
