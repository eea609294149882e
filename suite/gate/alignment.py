"""Two listings of a function laid side by side: which lines are the same, which are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property

from suite.gate.listing import Line, Listing


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
    texts = [line.text for line in base.lines], [line.text for line in head.lines]
    matcher = SequenceMatcher(None, *texts, autojunk=False)
    codes = matcher.get_opcodes()
    landing = _landings(codes, base, head)
    rows: list[Row] = []
    for kind, at, end, to, stop in codes:
        if kind == "equal":
            pairs = zip(base.lines[at:end], head.lines[to:stop], strict=True)
            for one, other in pairs:
                rows += _rows(one, other, landing)
        else:
            rows += [Row(line, None, True) for line in base.lines[at:end]]
            rows += [Row(None, line, True) for line in head.lines[to:stop]]
    return Alignment(base, head, tuple(rows))


def _rows(base: Line, head: Line, landing: Mapping[int, range]) -> list[Row]:
    if base.target is None or head.target in landing.get(base.target, ()):
        return [Row(base, head, False)]
    return [Row(base, None, True), Row(None, head, True)]


def _landings(
    codes: Sequence[tuple[str, int, int, int, int]], base: Listing, head: Listing
) -> dict[int, range]:
    """Return, by offset in the base, the offsets in the head that stand for it."""
    found: dict[int, range] = {}
    end = head.lines[-1].offset + head.lines[-1].size if head.lines else 0
    starts = [*(line.offset for line in head.lines), end]
    opening = 0
    for kind, at, stop, to, until in codes:
        if kind == "equal":
            for index in range(stop - at):
                here = starts[to + index]
                first = starts[opening] if index == 0 else here
                found[base.lines[at + index].offset] = range(first, here + 1)
        else:
            for line in base.lines[at:stop]:
                found[line.offset] = range(starts[to], starts[until] + 1)
            opening = to
            continue
        opening = until
    return found
