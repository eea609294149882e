"""The shortest edit between two sequences (Myers, An O(ND) difference algorithm, 1986)."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

_MOST_EDITS = 600
"""Beyond as many the sequences have little in common, and any long common part will do."""


def common_parts(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return (start in a, start in b, length) of what both have, in order, as much as possible.

    Of very different sequences it may be less than possible.
    """
    first = 0
    while first < min(len(a), len(b)) and a[first] == b[first]:
        first += 1
    last = 0
    while last < min(len(a), len(b)) - first and a[-1 - last] == b[-1 - last]:
        last += 1
    inner_a, inner_b = a[first : len(a) - last], b[first : len(b) - last]
    pairs = _pairs(inner_a, inner_b)
    if pairs is None:
        blocks = SequenceMatcher(None, inner_a, inner_b, autojunk=False).get_matching_blocks()
        pairs = [(at + n, to + n) for at, to, length in blocks for n in range(length)]
    shifted = [(at + first, to + first) for at, to in pairs]
    tail = [(len(a) - last + n, len(b) - last + n) for n in range(last)]
    return _joined([*((n, n) for n in range(first)), *shifted, *tail])


def _pairs(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]] | None:
    """Return the indices of the common elements; None when it takes too many edits."""
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(len(a) + len(b), _MOST_EDITS) + 1):
        trail.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (
                diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]
            )
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            y = x - diagonal
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x, y = x + 1, y + 1
            furthest[diagonal] = x
            if x >= len(a) and y >= len(b):
                return _walked_back(trail, len(a), len(b))
    return None


def _walked_back(trail: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """Return the diagonal moves of the path that ends at (x, y), first to last."""
    pairs: list[tuple[int, int]] = []
    for edits in range(len(trail) - 1, -1, -1):
        diagonal, entered, before = x - y, 0, 0
        if edits:
            furthest = trail[edits]
            down = diagonal == -edits or (
                diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]
            )
            before = diagonal + 1 if down else diagonal - 1
            entered = furthest[before] + (0 if down else 1)
        while x > entered:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if edits:
            x = trail[edits][before]
            y = x - before
    return pairs[::-1]


def _joined(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for at, to in pairs:
        if found and (at, to) == (found[-1][0] + found[-1][2], found[-1][1] + found[-1][2]):
            found[-1] = (*found[-1][:2], found[-1][2] + 1)
        else:
            found.append((at, to, 1))
    return found
