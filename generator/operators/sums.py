"""Sums of multipliers that 24 bits with their sign hold no more, with half of them instead.

A schedule that multiplies bytes in the upper half of 16 bits takes multipliers 2^8 times as
large, so those below 2^23. A ratio of scales of 1 has 2^23 at a shift of 23.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

from tinyrig.generator.graph.requant import INT32_LIMIT, Int64Array
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN

_LIMIT = 1 << 23
_REACH = 2  # from a half to the integers that are tried for it
_X = np.arange(INT8_MIN, INT8_MAX + 1, dtype=np.int64)


class SumConstants(NamedTuple):
    """Of `clamp((a * a_multiplier + b * b_multiplier + start) >> shift)`."""

    a_multiplier: int
    b_multiplier: int
    start: int
    shift: int


@lru_cache(maxsize=256)
def shortened(given: SumConstants, lo: int, hi: int) -> SumConstants:
    """Return constants that give the same for all bytes, with multipliers in [-2^23, 2^23).

    The given ones, where they are that already or none are found. Outputs are within [lo, hi].
    """
    if _is_short(given) or given.shift == 0:
        return given
    y = np.clip(_sums(given) + given.start >> given.shift, lo, hi)
    for of_a, of_b in _halves(given):
        half = SumConstants(of_a, of_b, given.start >> 1, given.shift - 1)
        found = _with_start(half, y, lo, hi)
        if found is not None and _is_short(found):
            return found
    return given


def _halves(given: SumConstants) -> list[tuple[int, int]]:
    """Return pairs of integers around half of both multipliers, the nearest first."""
    a, b = given.a_multiplier, given.b_multiplier
    near = product(_around_half(a), _around_half(b))
    return sorted(near, key=lambda pair: abs(2 * pair[0] - a) + abs(2 * pair[1] - b))


def _around_half(multiplier: int) -> range:
    return range((multiplier >> 1) - _REACH, (multiplier + 1 >> 1) + _REACH + 1)


def _is_short(form: SumConstants) -> bool:
    return all(-_LIMIT <= m < _LIMIT for m in (form.a_multiplier, form.b_multiplier))


def _sums(form: SumConstants) -> Int64Array:
    """Return the products' sums of all pairs of bytes."""
    return _X[:, None] * form.a_multiplier + _X * form.b_multiplier


def _with_start(form: SumConstants, y: Int64Array, lo: int, hi: int) -> SumConstants | None:
    """Return it with the start nearest to its own that gives y for all pairs, if there is one.

    An output of y says that the sum is in [y, y + 1) * 2^shift; lo and hi say it of one end.
    """
    sums = _sums(form)
    least = ((y << form.shift) - sums)[y > lo].max(initial=-INT32_LIMIT)
    most = ((y + 1 << form.shift) - 1 - sums)[y < hi].min(initial=INT32_LIMIT)
    start = min(max(form.start, int(least)), int(most))
    reach = 128 * (abs(form.a_multiplier) + abs(form.b_multiplier)) + abs(start)
    return form._replace(start=start) if least <= most and reach < INT32_LIMIT else None
