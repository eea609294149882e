"""The edit is one, and none is shorter."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from tinyrig.suite.gate.shortest_edit import common_parts

_TEXTS = st.text("abc", max_size=12)


def _longest(a: str, b: str) -> int:
    @cache
    def of(at: int, to: int) -> int:
        if at == len(a) or to == len(b):
            return 0
        if a[at] == b[to]:
            return 1 + of(at + 1, to + 1)
        return max(of(at + 1, to), of(at, to + 1))

    return of(0, 0)


@given(_TEXTS, _TEXTS)
def test_common_parts_are_in_both_in_order_and_the_most_there_are(a: str, b: str) -> None:
    parts = common_parts(a, b)
    at = to = 0
    for start, other, length in parts:
        assert start >= at
        assert other >= to
        assert length > 0
        assert a[start : start + length] == b[other : other + length]
        at, to = start + length, other + length
    assert sum(length for _, _, length in parts) == _longest(a, b)


def test_very_different_sequences_still_share_their_ends() -> None:
    a = [str(n) for n in range(2000)]
    b = [*a[:10], *(f"x{n}" for n in range(1500)), *a[-10:]]
    assert common_parts(a, b) == [(0, 0, 10), (1990, 1510, 10)]
