"""The hottest block of code that differs, with its lines side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tinyrig.suite.bench.evidence import BlockCost
from tinyrig.suite.gate.alignment import Alignment, Row
from tinyrig.suite.gate.causes import Pair
from tinyrig.suite.gate.code_reader import Line
from tinyrig.suite.gate.side import RoutineKey

Sign = Literal["-", "+", " "]
CodeRow = tuple[Sign, int, str]

_AROUND = 3
_LONGEST = 14


@dataclass(frozen=True)
class BlockSide:
    """A block on one side: offset in its function, executions, cycles of them all."""

    offset: int
    count: int
    cycles: float


@dataclass(frozen=True)
class BlockDiff:
    """The hottest changed block of a function and its rows: sign, offset, instruction.

    The sign is `-` for the base, `+` for the head and a space for both; the offset is the
    head's where it has one. `cut` counts the block's rows that are left out.
    """

    function: str
    file: str
    base: BlockSide | None
    head: BlockSide | None
    rows: tuple[CodeRow, ...]
    cut: int


def hottest_change(pair: Pair, keys: Iterable[RoutineKey]) -> BlockDiff | None:
    """Return the changed block of these functions that costs most; None when no code differs."""
    best: tuple[float, BlockDiff] | None = None
    for key in keys:
        for alignment in pair.alignment(key) or ():
            if alignment.same:
                continue
            found = _hottest(pair, key, alignment)
            if best is None or found[0] > best[0]:
                best = found
    return best[1] if best else None


def _hottest(pair: Pair, key: RoutineKey, alignment: Alignment) -> tuple[float, BlockDiff]:
    """Return the hottest changed block of one function and what it costs."""
    sides = (
        _spans(pair.base.blocks.get(key, ()), alignment.base.routine.address),
        _spans(pair.head.blocks.get(key, ()), alignment.head.routine.address),
    )
    best: tuple[float, int] = (-1.0, 0)
    for at, row in enumerate(alignment.rows):
        if row.changed:
            best = max(best, (_cost(alignment.rows, at, sides), -at))
    cost, at = best[0], -best[1]
    found = [_block(alignment.rows, at, spans, side) for side, spans in enumerate(sides)]
    shown, cut = _rows(alignment.rows, at, found)
    base, head = (_side(block) for block in found)
    return cost, BlockDiff(key[0], key[1], base, head, shown, cut)


Spans = Mapping[range, BlockSide]


def _spans(blocks: Sequence[BlockCost], start: int) -> Spans:
    """Return the blocks of a function by the offsets they cover, all layers together."""
    found: dict[range, BlockSide] = {}
    for block in blocks:
        offset = block.address - start
        span = range(offset, offset + block.size)
        before = found.get(span, BlockSide(offset, 0, 0.0))
        # Without a cycle model, the executed bytes tell which block is hot.
        cycles = block.cycles if block.cycles is not None else float(block.count * block.size)
        found[span] = BlockSide(offset, before.count + block.count, before.cycles + cycles)
    return found


def _line(row: Row, side: int) -> Line | None:
    return row.head if side else row.base


def _block(rows: Sequence[Row], at: int, spans: Spans, side: int) -> tuple[range, BlockSide] | None:
    """Return a side's hottest block at a row, or at the next line that side has."""
    line = next((line for row in rows[at:] if (line := _line(row, side)) is not None), None)
    if line is None:
        return None
    there = [(span, block) for span, block in spans.items() if line.offset in span]
    return max(there, key=lambda entry: entry[1].cycles, default=None)


def _cost(rows: Sequence[Row], at: int, sides: Sequence[Spans]) -> float:
    found = (_block(rows, at, spans, side) for side, spans in enumerate(sides))
    return max((block[1].cycles for block in found if block is not None), default=0.0)


def _side(found: tuple[range, BlockSide] | None) -> BlockSide | None:
    return None if found is None else found[1]


def _rows(
    rows: Sequence[Row], at: int, blocks: Sequence[tuple[range, BlockSide] | None]
) -> tuple[tuple[CodeRow, ...], int]:
    """Return the block's changed rows with some around each, and how many rows are left out."""
    inside = [
        index
        for index, row in enumerate(rows)
        if any(
            block is not None and (line := _line(row, side)) is not None and line.offset in block[0]
            for side, block in enumerate(blocks)
        )
    ]
    # Without executed blocks, the code around the change.
    unknown = range(max(0, at - _AROUND), min(len(rows), at + _LONGEST))
    near = [
        index
        for index in inside or unknown
        if any(row.changed for row in rows[max(0, index - _AROUND) : index + _AROUND + 1])
    ]
    changes = [index for index in near if rows[index].changed]
    # The change itself is among the first rows shown, however far into the block it is.
    first = max(0, near.index(changes[0] if changes else near[0]) - _AROUND)
    shown = near[first : first + _LONGEST]
    return tuple(_told(rows[index]) for index in shown), max(0, len(inside) - len(shown))


def _told(row: Row) -> CodeRow:
    line = row.head or row.base
    assert line is not None
    sign: Sign = " " if not row.changed else "+" if row.head else "-"
    return sign, line.offset, line.text
