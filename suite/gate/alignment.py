"""Two listings of a function laid side by side: which lines are the same, which are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tinyrig.suite.gate.code_reader import Line
from tinyrig.suite.gate.listing import Listing
from tinyrig.suite.gate.shortest_edit import common_parts

_NOPS = frozenset(("nop", "nop.w", "c.nop"))


@dataclass(frozen=True)
class Row:
    """One row of a comparison: a line of each side, None where a side has none."""

    base: Line | None
    head: Line | None
    changed: bool


@dataclass(frozen=True)
class Alignment:
    """The rows of two listings in order; a changed row has a line of one side only."""

    base: Listing
    head: Listing
    rows: tuple[Row, ...] = field(repr=False)

    @cached_property
    def same(self) -> bool:
        """Whether both sides do the same, wherever they lie."""
        return not any(row.changed for row in self.rows)


def align(base: Listing, head: Listing) -> Alignment:
    """Return the two listings side by side.

    A branch inside the function is the same when it goes to the same line, or to lines put in
    right before it.
    """
    parts = common_parts(_words(base), _words(head))
    landing = _landings(parts, base, head)
    rows: list[Row] = []
    at = to = 0
    for start, other_start, length in (*parts, (len(base.lines), len(head.lines), 0)):
        rows += [Row(line, None, True) for line in base.lines[at:start]]
        rows += [Row(None, line, True) for line in head.lines[to:other_start]]
        at, to = start + length, other_start + length
        pairs = zip(base.lines[start:at], head.lines[other_start:to], strict=True)
        for one, other in pairs:
            rows += _rows(one, other, landing)
    return Alignment(base, head, tuple(rows))


def _words(listing: Listing) -> list[str]:
    """Return the lines as they are compared: a NOP jumped to is code, any other may be padding."""
    targets = {line.target for line in listing.lines}
    return [
        f"{line.text} jumped to" if line.text in _NOPS and line.offset in targets else line.text
        for line in listing.lines
    ]


def _rows(base: Line, head: Line, landing: Mapping[int, range]) -> list[Row]:
    if base.target is None or head.target in landing.get(base.target, ()):
        return [Row(base, head, False)]
    return [Row(base, None, True), Row(None, head, True)]


def _landings(
    parts: Sequence[tuple[int, int, int]], base: Listing, head: Listing
) -> dict[int, range]:
    """Return, by offset in the base, the offsets in the head that stand for it."""
    found: dict[int, range] = {}
    end = head.lines[-1].offset + head.lines[-1].size if head.lines else 0
    starts = [*(line.offset for line in head.lines), end]
    at = to = 0
    for start, other_start, length in (*parts, (len(base.lines), len(head.lines), 0)):
        between = range(starts[to], starts[other_start] + 1)
        for line in base.lines[at:start]:
            found[line.offset] = between
        for index in range(length):
            here = starts[other_start + index]
            first = between.start if index == 0 else here
            found[base.lines[start + index].offset] = range(first, here + 1)
        at, to = start + length, other_start + length
    return found
