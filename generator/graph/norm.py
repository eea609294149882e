"""Constants of a LayerNorm and an RMSNorm (docs/arithmetic.md), and how far their outputs err."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.requant import INT32_LIMIT, Int32Array, RangeError, Requant, requantise
from tinyrig.generator.graph.tensor import Affine

LONGEST_ROW = 2**17 - 1
"""With it the sum of the squares of int8 values stays inside int32."""
WIDEST_VARIANCE = 2**62
SHORT_VARIANCE = 2**32
"""Below it the kernels' fastest way holds."""

_UPPER_HALF = 16
_LEAST_UNIT = 23
_MOST_FRACTION = 24
_NORM_SLACK = 66
"""Of n, by the roundings of A and B: half a unit times |x| <= 128, half a unit, and the floor."""
_ROOT_ERROR = 3.5e-7
_OUTSIDE = 512
"""Output steps by which a bias beyond a row's reach leaves int8, whatever the zero point."""
_MOST_ERROR = 0.95
"""Below one step before rounding, an output is at most one step from the exact one."""

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Normaliser:
    """How a row's sums become the two constants that normalise it.

    V is taken in units of 2^-fraction, `fraction` even, and holds `eps`; n is 2^unit times the
    normalised value.
    """

    eps: int
    fraction: int
    unit: int

    @property
    def raised(self) -> int:
        """By how much less than h the products with r move down."""
        return self.unit + self.fraction // 2 - 7


@dataclass(frozen=True)
class _Rows:
    """What rows of int8 can be: their length, the largest |x - centre| and the least V but 0."""

    length: int
    reach: float
    freedom: int
    epsilon: float
    """In units of V."""

    @property
    def largest(self) -> float:
        """The largest V with its epsilon."""
        widest = self.reach if self.freedom == self.length else self.reach / 2.0
        return (self.length * widest) ** 2 + self.epsilon

    @property
    def normalised(self) -> float:
        """The largest normalised value: one element as far out as can be, the others at home."""
        if self.freedom == 0:
            return 2.0**-30
        far = self.reach * self.freedom / self.length if self.freedom < self.length else self.reach
        return far / math.sqrt(far**2 / self.freedom + self.epsilon / self.length**2)

    def fraction(self, limit: int) -> int | None:
        """Return the largest even number of bits that keeps V below `limit`; None if none does."""
        bits = (limit - 1) // (math.ceil(self.largest) + 2)
        return min(_MOST_FRACTION, (bits.bit_length() - 1) & ~1) if bits else None

    def unit(self, gain: float) -> int:
        """Return the least unit that gives `gain`, in output steps, 16 bits; else the finest."""
        room = math.floor(math.log2((INT32_LIMIT - 4 * _NORM_SLACK) / self.normalised))
        # Finer, a row of small V would move its products up.
        room = min(room, 30 + math.floor(math.log(max(self.freedom, 1) + self.epsilon, 4)))
        needed = math.ceil(math.log2(gain * 2.0**32 / 32767)) if gain > 0.0 else 0
        return min(max(_LEAST_UNIT, needed), room)


@dataclass(frozen=True, eq=False)
class _Gains:
    """gamma and beta in output steps, and the output's zero point."""

    gamma: Reals
    beta: Reals
    zero_point: int


Constants = tuple[Int32Array, Int32Array, Normaliser, Requant]


def norm_constants(
    gamma: Reals, beta: Reals, x: Affine, y: Affine, epsilon: float, *, centred: bool = True
) -> Constants:
    """Return gamma [E], start [E], normaliser and requantisation for real gamma and beta [E].

    Every output lies within one step of the exact one. Among the constants that promise it, those
    the kernels' fastest way takes come first: V below 2^32, gamma of 16 bits.
    Raises RangeError for a row of more than LONGEST_ROW elements, a negative epsilon, and where
    no constants keep the promise.
    """
    length = gamma.size
    if length > LONGEST_ROW:
        raise RangeError(f"a row of {length} elements is longer than {LONGEST_ROW}")
    if not 0.0 <= epsilon < math.inf:
        raise RangeError(f"epsilon is {epsilon:g}, which is not a finite number from 0 on")
    below, above = x.zero_point + 128, 127 - x.zero_point
    reach, freedom = (255.0, length - 1) if centred else (float(max(below, above)), length)
    rows = _Rows(length, reach, freedom, epsilon * (length / x.scale) ** 2)
    gains = _Gains(gamma / y.scale, beta / y.scale, y.zero_point)
    rows, gains, neglected = _within_range(rows, gains)
    least = math.inf
    for bits in (16, 32):
        for limit in (SHORT_VARIANCE, WIDEST_VARIANCE):
            fraction = rows.fraction(limit)
            if fraction is None:
                continue
            constants, error = _constants(rows, gains, fraction, bits, neglected)
            if error <= _MOST_ERROR:
                return constants
            least = min(least, error)
    raise RangeError(
        f"gamma is up to {float(np.abs(gains.gamma).max()):g} output steps: in 32 bits an output "
        f"could be {least:.2g} steps off"
    )


def _within_range(rows: _Rows, gains: _Gains) -> tuple[_Rows, _Gains, float]:
    """Halve the normalised value until V's epsilon leaves room, and gamma makes up for it.

    Also returns the relative error of that, since V beside its epsilon then counts too much.
    """
    halvings = max(0, math.ceil(math.log(max(rows.epsilon, 1.0) / 2.0**60, 4)))
    if halvings == 0:
        return rows, gains, 0.0
    small = replace(rows, epsilon=rows.epsilon / 4.0**halvings)
    less = replace(gains, gamma=gains.gamma / 2.0**halvings)
    return small, less, (small.largest / small.epsilon - 1.0) / 2.0


def _constants(
    rows: _Rows, gains: _Gains, fraction: int, bits: int, neglected: float
) -> tuple[Constants, float]:
    """Return the constants with gamma of so many bits, and the largest error in output steps."""
    largest = float(np.abs(gains.gamma).max())
    eps = max(1, round(rows.epsilon * 2.0**fraction))
    normaliser = Normaliser(eps, fraction, rows.unit(largest))
    one = 2.0**normaliser.unit
    n = math.ceil(rows.normalised * one) + _NORM_SLACK
    room = math.floor(math.log2(32767 * 2.0**16 * one / 2.0**32 / largest)) if largest else 64
    for shift in range(min(_UPPER_HALF, room), 0, -1):
        grid = 2.0 ** (32 - bits)
        exact = gains.gamma * 2.0 ** (shift + 32 - normaliser.unit)
        codes = (np.rint(exact / grid) * grid).astype(np.int64)
        reach = (np.abs(codes) * n >> 32) + 2
        start = np.rint(np.clip(gains.beta, -(2.0**40), 2.0**40) * 2.0**shift).astype(np.int64)
        limit = reach + (_OUTSIDE << shift)
        start = np.clip(start, -limit, limit)
        if np.all(np.abs(start) + reach + (256 << shift) < INT32_LIMIT):
            break
    else:
        raise RangeError(f"gamma is up to {largest:g} output steps, which 32 bits do not hold")
    requant, begin = requantise([2.0**-shift], start, reach, gains.zero_point)
    relative = neglected + _ROOT_ERROR + _epsilon_error(rows, normaliser)
    off = np.abs(codes - exact) * one / 2.0 ** (32 + shift)
    error = _error(rows, gains, relative, off) + _NORM_SLACK / one * largest + 1.5 * 2.0**-shift
    return (codes.astype(np.int32), begin, normaliser, requant), error


def _epsilon_error(rows: _Rows, normaliser: Normaliser) -> float:
    """Return the relative error of 1 / sqrt(V) by the rounding of eps, where V is not 0."""
    rounded = abs(normaliser.eps - rows.epsilon * 2.0**normaliser.fraction)
    least = max(rows.freedom, 1) * 2.0**normaliser.fraction + normaliser.eps
    return rounded / (2.0 * least)


def _error(rows: _Rows, gains: _Gains, relative: float, off: Reals) -> float:
    """Return the largest error in output steps by a relative error of n and errors of gamma.

    What leaves int8 does not count: n * gamma goes no further than to the far end of it.
    """
    gamma = np.abs(gains.gamma)
    most = rows.normalised * gamma
    bias = np.minimum(np.abs(gains.beta), most + _OUTSIDE)
    travel = np.minimum(most, 129 + abs(gains.zero_point) + bias)
    n = np.divide(travel, gamma, out=np.full_like(gamma, rows.normalised), where=gamma > 0.0)
    return float(np.max(travel * relative + off * n))
