"""RequantShift, `clip((acc * mul + add + 2^(D-1)) >> D)`, as the wide requantisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinyrig.generator.graph.requant import INT32_LIMIT, Int32Array, Int64Array, RangeError, Requant

_LEAST_SHIFT = 23
_MOST_SHIFT = 32


@dataclass(frozen=True)
class Shifted:
    """The constants of a RequantShift, one `mul` and `add` or one a channel.

    The output's codes are `zero_point` above its values, and within [lo, hi].
    """

    mul: tuple[int, ...]
    add: tuple[int, ...]
    shift: int
    zero_point: int
    lo: int
    hi: int

    @property
    def rounding(self) -> int:
        """What is added before the shift besides `add`."""
        return (1 << self.shift) >> 1

    def exact(self, start: Int64Array, reach: Int64Array) -> tuple[Requant, Int32Array] | None:
        """Return the same as a wide requantisation, and the accumulators' start values.

        A part of `add` becomes a count of accumulator steps, the rest steps of the output: for
        one `mul` there always is such a split, for channels only where no rest is needed. None
        where there is none. `start` and `reach` as in `requantise`. Raises RangeError when an
        accumulator leaves int32.
        """
        scale = _scale(self.mul, self.shift)
        split = None if scale is None else self._split()
        if scale is None or split is None:
            return None
        steps, rest = split
        begin = start + np.asarray(steps, dtype=np.int64)
        if np.any(np.abs(begin) + reach >= INT32_LIMIT):
            most = int((np.abs(begin) + reach).max())
            raise RangeError(f"an accumulator can reach {most}, outside int32")
        up = scale - self.shift
        multiplier = np.asarray([mul << up for mul in self.mul], dtype=np.int32)
        zero_point = self.zero_point - rest
        found = Requant(multiplier, scale, False, zero_point, self.lo, self.hi)
        return found, begin.astype(np.int32)

    def _split(self) -> tuple[list[int], int] | None:
        """Return steps b and a rest Z with mul * b - Z * 2^D = add, but for bits that are cut."""
        count = max(len(self.mul), len(self.add))
        pairs = [(_at(self.mul, n), _at(self.add, n)) for n in range(count)]
        if len(set(pairs)) == 1:
            steps, rest = _solved(*pairs[0], 1 << self.shift)
            return [steps], rest
        found = [_solved(mul, add, 1 << self.shift) for mul, add in pairs]
        return None if any(rest for _, rest in found) else ([steps for steps, _ in found], 0)


def _at(values: Sequence[int], index: int) -> int:
    return values[index if len(values) > 1 else 0]


def _scale(mul: Sequence[int], shift: int) -> int | None:
    """Return the wide form's shift: the largest that keeps all multipliers below 2^31."""
    if min(mul) < 1:
        return None
    found = min(_MOST_SHIFT, shift + 31 - max(mul).bit_length())
    return found if found >= max(shift, _LEAST_SHIFT) else None


def _solved(mul: int, add: int, divisor: int) -> tuple[int, int]:
    """Return the split whose rest is the least; `add` is cut to what the shift leaves of it."""
    common = math.gcd(mul, divisor)
    period = divisor // common
    if period == 1:  # products fill whole steps, so that the rounding falls on `add` alone
        add += divisor // 2
    whole = add - add % common
    steps = whole // common * pow(mul // common, -1, period) % period if period > 1 else 0
    rest = (mul * steps - whole) // divisor
    turns = round(rest / (mul // common))
    return steps - turns * period, rest - turns * (mul // common)
