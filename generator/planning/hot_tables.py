"""Which weights and tables are copied from flash to RAM at start: those that are waited for most.

How long an inference waits for a table is estimated from the plan and the board's operating point,
before anything is built; the modelled cycles with the board's memory then tell what came of it.
Copies are made once after a reset, so a table that every inference reads once is worth one, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tinyrig.generator.planning.board import ARENA_ALIGNMENT, ARENA_GUARD, Board
from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.constants import tables_in
from tinyrig.generator.planning.knapsack import most_saving
from tinyrig.generator.planning.lifetime import loop_ranges
from tinyrig.generator.planning.operating_point import OperatingPoint
from tinyrig.generator.planning.readings import weight_readings

_LOOKUPS = ("lut", "exp")
"""Tables read entry by entry, wherever the data points, not from end to end."""

_COPY_WORD = 7
"""Core cycles to copy a word at start: load, store, compare and branch."""


@dataclass(frozen=True, eq=False)
class HotStep:
    """What of a planned step decides how often it reads which table.

    `pack` is how its kernel's weights lie, `executions` how often an inference executes it,
    `loops` those it stands in, outermost first, `constants` the tables it reads, by digest,
    `readings` what its kernel states of its weights.
    """

    calls: tuple[Call, ...]
    pack: str
    executions: int
    loops: tuple[int, ...]
    constants: Mapping[str, Table]
    readings: str = ""

    @cached_property
    def fields(self) -> tuple[Mapping[str, str], ...]:
        """For each call, the digest of every table in its parameters, with its field's name."""
        return tuple(
            {table.key(): name for name, table in tables_in(call.params)} for call in self.calls
        )


@dataclass(frozen=True)
class RamCopies:
    """Tables, by digest, copied into a RAM region: `size` bytes with alignment.

    `saved` are the core cycles an inference is estimated to wait less, `start` those of the copy,
    once after a reset, `left` those an inference still waits. `behind` tells that they lie behind
    copied code, which lies between two parts of the region.
    """

    region: str
    tables: frozenset[str]
    size: int
    saved: int
    start: int
    left: int = 0
    behind: bool = False

    def taken_from(self, region: str) -> int:
        """Return the bytes the copies take of a RAM region before any code, at most."""
        return self.size + ARENA_ALIGNMENT if region == self.region and not self.behind else 0


@dataclass(frozen=True)
class Room:
    """Bytes for copies in a region that is read without a wait; `behind` copied code or not."""

    region: str
    size: int
    behind: bool = False


@dataclass(frozen=True)
class _Offer:
    """One table: `waits` are the core cycles an inference waits for it, `once` one reading."""

    key: str
    size: int
    waits: float
    once: int


def plan_copies(
    board: Board,
    steps: Sequence[HotStep],
    *,
    arena: tuple[str, int],
    flash: str,
    most: int | None = None,
    rooms: Sequence[Room] | None = None,
) -> RamCopies | None:
    """Return the copies that save most cycles in the RAM the arena leaves.

    `arena` is its region and size in bytes, `flash` the one with the weights; `most` bytes may be
    copied, where that is limited, in one of `rooms`, by default what the arena leaves. None for a
    board without an operating point, and where nothing is waited for or nothing has room.
    """
    point = board.operating_point
    if point is None:
        return None
    offers = [o for o in _offers(steps, point, flash != board.flash.name) if o.waits > 0]
    offers.sort(key=lambda offer: (-offer.waits / offer.size, offer.key))
    filled = [
        _filled(room, offers, room.size if most is None else min(room.size, most))
        for room in (rooms_beside(board, arena) if rooms is None else rooms)
    ]
    best = max(filled, key=lambda copies: copies.saved, default=None)
    return best if best is not None and best.tables else None


def table_waits(board: Board, steps: Sequence[HotStep], *, flash: str) -> int:
    """Return the core cycles an inference waits for tables where none is copied."""
    point = board.operating_point
    if point is None:
        return 0
    return round(sum(one.waits for one in _offers(steps, point, flash != board.flash.name)))


def rooms_beside(board: Board, arena: tuple[str, int]) -> list[Room]:
    """Return the rooms for copies that an arena leaves where no code is copied."""
    fast = board.operating_point.fast_ram if board.operating_point else ()
    return [
        Room(one.region, one.size - data_end(board, one.region, arena) - ARENA_ALIGNMENT)
        for one in fast
    ]


def data_end(board: Board, region: str, arena: tuple[str, int]) -> int:
    """Return the bytes at a region's start that stack, static data and arena may take."""
    end = board.region(region).size - board.arena_capacity(region)
    if region == arena[0]:
        end += ARENA_ALIGNMENT + arena[1] + ARENA_GUARD
    return end


def _filled(room: Room, offers: Sequence[_Offer], size: int) -> RamCopies:
    taken = most_saving(offers, size)
    size = sum(offer.size for offer in taken)
    saved = round(sum(offer.waits for offer in taken))
    return RamCopies(
        region=room.region,
        behind=room.behind,
        tables=frozenset(offer.key for offer in taken),
        size=size,
        saved=saved,
        start=copy_cycles(size, sum(offer.once for offer in taken)),
        left=round(sum(offer.waits for offer in offers)) - saved,
    )


def copy_cycles(size: int, waits: int) -> int:
    """Return about how many core cycles a copy of `size` bytes from flash takes at start.

    `waits` are those it waits for lines.
    """
    return waits + size // 4 * _COPY_WORD


def _offers(steps: Sequence[HotStep], point: OperatingPoint, weights_outside: bool) -> list[_Offer]:
    """Return every table once, with the waits of all steps that read it."""
    tables: dict[str, Table] = {}
    readings: dict[str, float] = {}
    for index, step in enumerate(steps):
        for key, table in step.constants.items():
            tables[key] = table
            more = _readings(steps, index, key, point)
            readings[key] = readings.get(key, 0.0) + more
    once = _line_wait(point, weights_outside)
    return [
        _Offer(key, align(table.values.nbytes), readings[key] * once(table), once(table))
        for key, table in tables.items()
    ]


def _line_wait(point: OperatingPoint, weights_outside: bool) -> Callable[[Table], int]:
    """Return a function from a table to the cycles one reading from end to end waits."""
    outside = point.external_flash if weights_outside else None

    def once(table: Table) -> int:
        line, wait = point.data_cache.line_bytes, point.flash.wait
        if outside is not None and table.kind == "weights":
            line, wait = outside.line_bytes, outside.wait
        return -(-table.values.nbytes // line) * wait

    return once


def _readings(steps: Sequence[HotStep], index: int, key: str, point: OperatingPoint) -> float:
    """Return how often a step makes the core wait for a whole table in one inference.

    What a loop reads stays in the cache from one pass to the next where all of it has room, what
    one execution reads until its end.
    """
    step, cache = steps[index], point.data_cache.size
    holders = sum(key in fields for fields in step.fields) or len(step.calls)
    executions = step.executions * holders / len(step.calls)
    first, last = _group(steps, index)
    together: dict[str, Table] = {}
    for one in steps[first : last + 1]:
        together |= one.constants
    if _bytes(together) <= cache:
        return 1.0
    if _bytes(step.constants) <= cache:
        return executions
    return executions * _readings_each(step, key, point)


def _group(steps: Sequence[HotStep], index: int) -> tuple[int, int]:
    loops = steps[index].loops
    return loop_ranges(steps)[loops[0]] if loops else (index, index)


def _bytes(tables: Mapping[str, Table]) -> int:
    return sum(table.values.nbytes for table in tables.values())


def _readings_each(step: HotStep, key: str, point: OperatingPoint) -> float:
    """Return how many whole readings one execution is, of a table that no cache keeps."""
    call, size = step.calls[0], step.constants[key].values.nbytes
    field = next((fields[key] for fields in step.fields if key in fields), "")
    if field in _LOOKUPS:
        # Half of the lookups find a line that others have left: data repeats itself.
        return _lookups(call) / 2 / max(1, size // point.data_cache.line_bytes)
    return weight_readings(call, step.pack, size, step.readings) if field == "weight" else 1.0


def _lookups(call: Call) -> int:
    """Return the entries one execution looks up: the scores of an attention, else its outputs."""
    if call.op.startswith("attention"):
        return call.macs // (2 * call.reads[0].shape[-1])
    return sum(view.size for view in call.writes)
