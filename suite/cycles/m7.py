"""Cortex-M7: a dual-issue in-order scoreboard."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.suite.cycles.instruction import (
    DOUBLES,
    FLAGS,
    LOADS,
    MULTIPLES,
    STORES,
    Instruction,
)
from tinyrig.suite.cycles.m7_pairing import (
    EARLY_SHIFTER,
    MULTIPLIES,
    issues_alone,
    may_pair,
    shifts_inline,
)
from tinyrig.suite.cycles.m7_stores import StoreBuffer
from tinyrig.suite.cycles.tables import Timing

_EARLY_ADDS = frozenset({"add", "move"})
_WORD = 4


@dataclass(frozen=True)
class _Result:
    """Who made a register's value, and when it issued."""

    producer: str
    issued: float


class Scoreboard:
    """Issues instructions in order; `position` is where the next would, in cycles."""

    def __init__(self, timing: Timing, *, unknown_banks_meet: bool) -> None:
        self._timing = timing
        self._unknown_banks_meet = unknown_banks_meet
        self._cycle = 0.0
        self._older: Instruction | None = None
        self._older_address: int | None = None
        self._guessed = False
        self._results: dict[str, _Result] = {}
        self._stored: dict[tuple[str, int], float] = {}
        self._stores = StoreBuffer(timing, unknown_banks_meet=unknown_banks_meet)
        self._narrow: deque[bool] = deque(maxlen=timing.number("folding_window"))

    @property
    def guessed(self) -> bool:
        """Whether a pair of loads or a narrow store of unknown banks was met."""
        return self._guessed or self._stores.guessed

    @property
    def position(self) -> float:
        """Cycles used so far; half a cycle when the last instruction may still get a partner."""
        return self._cycle + (0.5 if self._older is not None else 0.0)

    def run(self, code: Sequence[Instruction], addresses: Sequence[int | None] = ()) -> list[float]:
        """Issue straight code; return how far each instruction moved the position.

        `addresses` are of the accesses, None where not known.
        """
        moved = []
        for at, instruction in enumerate(code):
            before = self.position
            self._issue(instruction, addresses[at] if at < len(addresses) else None)
            moved.append(self.position - before)
        return moved

    def take_branch(self) -> None:
        """The last instruction was a predicted branch that is taken."""
        if sum(self._narrow) < self._timing.number("folding_narrow"):
            self._close()

    def _close(self) -> None:
        if self._older is not None:
            self._cycle += 1
            self._older = None

    def _issue(self, now: Instruction, address: int | None) -> None:
        self._narrow.append(not now.wide)
        older = self._older
        if older is not None:
            loads = older.kind in LOADS and now.kind in LOADS
            meet = loads and self._banks_meet(address)
            paired = may_pair(older, now, banks_meet=meet)
            if paired and self._earliest(now) <= self._cycle:
                self._record(now, address, self._is_early(now, older))
                self._cycle += 1
                self._older = None
                return
            self._close()
        self._cycle = max(self._cycle, self._earliest(now))
        self._record(now, address, self._is_early(now, None))
        if issues_alone(now):
            self._cycle += self._occupancy(now)
        else:
            self._older = now
            self._older_address = address

    def _banks_meet(self, address: int | None) -> bool:
        """Tell whether an access hits the bank, even or odd words, of the older one's."""
        if address is None or self._older_address is None:
            self._guessed = True
            return self._unknown_banks_meet
        return (address ^ self._older_address) & 4 == 0

    def _occupancy(self, now: Instruction) -> int:
        return self._timing.cycles(now.kind) + (now.registers + 1) // 2

    def _is_early(self, now: Instruction, older: Instruction | None) -> bool:
        """Tell whether an instruction can run in the early ALU when it issues now."""
        if now.kind == "reverse":
            return True
        if now.kind in _EARLY_ADDS:
            if older is not None or shifts_inline(now):
                return False
        elif now.kind == "shift":
            if older is not None and (shifts_inline(older) or older.kind in EARLY_SHIFTER):
                return False
        else:
            return False
        return all(self._ready(register, "shift") <= self._cycle for register in now.data)

    def _earliest(self, now: Instruction) -> float:
        times = [self._ready(register, use) for register, use in _uses(now)]
        times += [self._memory_ready(now), self._buffer_ready(now)]
        return max(times)

    def _ready(self, register: str, use: str) -> float:
        result = self._results.get(register)
        if result is None:
            return 0.0
        latencies = self._timing.latencies[result.producer]
        latency = latencies.get(use)
        if latency is None:
            latency = latencies["address"] if use == "index" else latencies["late"]
        return result.issued + latency

    def _memory_ready(self, now: Instruction) -> float:
        place = now.memory
        if now.kind not in LOADS or place is None or place.index is not None:
            return 0.0
        stored = self._stored.get((place.base, place.offset // 4))
        return 0.0 if stored is None else stored + self._timing.number("memory_hazard")

    def _buffer_ready(self, now: Instruction) -> float:
        return self._stores.ready if now.kind in STORES else 0.0

    def _record(self, now: Instruction, address: int | None, early: bool) -> None:
        cycle = self._cycle
        updated = now.memory.base if now.memory is not None and now.memory.writeback else None
        producer = _producer(now, early)
        listed = 0
        for register in now.writes:
            self._stored = {at: t for at, t in self._stored.items() if at[0] != register}
            if register == updated:
                self._results[register] = _Result("base_update", cycle)
                continue
            at = cycle
            if now.kind in MULTIPLES or now.kind in DOUBLES:
                at += listed // 2
                listed += 1
            elif now.kind in ("divide", "fp_divide"):
                at += self._occupancy(now) - 1
            self._results[register] = _Result(producer, at)
        if now.sets_flags:
            self._results[FLAGS] = _Result("flags", cycle)
        if now.kind in STORES:
            self._record_store(now, address, cycle)

    def _record_store(self, now: Instruction, address: int | None, cycle: float) -> None:
        assert now.memory is not None
        late = self._stores.put(cycle, address, narrow=now.memory.width < _WORD)
        if now.memory.index is None and not now.memory.writeback:
            self._stored[now.memory.base, now.memory.offset // 4] = cycle + late


def _uses(now: Instruction) -> Iterator[tuple[str, str]]:
    """Yield each register an instruction reads and how."""
    if now.memory is not None:
        yield now.memory.base, "address"
        if now.memory.index is not None:
            yield now.memory.index, "index"
    for register in now.shifted:
        yield register, "shift"
    for register in now.addend:
        yield register, "addend"
    plain = "late"
    if now.kind in STORES or now.kind.startswith(("store_", "fp_store_")):
        plain = "store"
    elif now.kind in MULTIPLIES:
        plain = "multiply"
    elif now.shifted:
        plain = "beside"
    elif now.kind == "saturate":
        plain = "shift"
    for register in now.data:
        accumulates = now.kind == "fp_accumulate" and register in now.writes
        yield register, "addend" if accumulates else plain
    if now.reads_flags and now.kind != "branch":
        yield FLAGS, "late"


_FPU_REGISTER = re.compile(r"[sd][0-9]")
_PRODUCERS = {
    "load_double": "load_word",
    "load_multiple": "load_word",
    "reverse": "reverse",
    "saturate": "saturate",
    "fp_accumulate": "fp_accumulate",
    "multiply": "multiply",
    "accumulate": "multiply",
    "fp_load": "fp_load",
    "fp_load_multiple": "fp_load",
    "fp_add": "fp",
    "fp_multiply": "fp",
    "fp_divide": "fp",
}


def _producer(now: Instruction, early: bool) -> str:
    """Return the row of the latency table that holds for an instruction's results."""
    if now.kind == "load":
        whole = now.memory is not None and now.memory.width == _WORD
        return "load_word" if whole else "load_narrow"
    if now.kind == "fp_move":
        return "to_fpu" if any(map(_FPU_REGISTER.match, now.writes)) else "to_core"
    return _PRODUCERS.get(now.kind, "early_alu" if early else "late_alu")
