"""Requantisation constants: a real multiplier as integers (docs/arithmetic.md)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN, Affine

Int8Array = NDArray[np.int8]
Int16Array = NDArray[np.int16]
Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

NARROW_LIMIT = 1.0 / 16.0
WIDE_LIMIT = 128.0
INT32_LIMIT = 2**31
LARGEST_SHIFT = 24
"""Bits behind the point of constants that rescale codes."""


class RangeError(ValueError):
    """A constant or an accumulator would leave its integer range."""


@dataclass(frozen=True, eq=False)
class Requant:
    """How an int32 accumulator becomes an int8 output.

    `multiplier` has one entry (per tensor) or one an output channel. In the narrow form the
    accumulator's start value already holds `fold`, and `zero_point` is not applied again.
    """

    multiplier: Int32Array
    shift: int
    narrow: bool
    zero_point: int
    lo: int = INT8_MIN
    hi: int = INT8_MAX


def wide_shift(largest: float) -> int:
    """Return `s`: 32 below 1/2, otherwise the largest with round(m * 2^s) < 2^31.

    Raises RangeError when `largest` is not below 2^7.
    """
    if not 0.0 <= largest < WIDE_LIMIT:
        raise RangeError(f"requantisation multiplier {largest:g} is outside [0, 128)")
    if largest < 0.5:
        return 32
    shift = 31
    while math.floor(largest * 2.0**shift + 0.5) >= INT32_LIMIT:
        shift -= 1
    return shift


def requantise(
    real: Sequence[float] | NDArray[np.float64],
    start: Int64Array,
    reach: Int64Array,
    zero_point: int,
    clamp: tuple[int, int] = (INT8_MIN, INT8_MAX),
) -> tuple[Requant, Int32Array]:
    """Pick the form, and return it with the accumulator's start values.

    `real`: multipliers, one or one a channel. `start`: bias and zero-point correction, one a
    channel. `reach`: the most |acc - start| can become, one a channel. The narrow form is used
    when every multiplier is at most 1/16 and acc + fold stays inside int32.
    Raises RangeError when no form fits.
    """
    m = np.asarray(real, dtype=np.float64).reshape(-1)
    if np.any(m < 0) or not np.all(np.isfinite(m)):
        raise RangeError("requantisation multipliers must be finite and not negative")
    bound = np.abs(start) + reach
    if np.any(bound >= INT32_LIMIT):
        raise RangeError(f"an accumulator can reach {int(bound.max())}, outside int32")
    lo, hi = clamp
    if np.all(m > 0) and float(m.max()) <= NARROW_LIMIT:
        fold = np.round((zero_point + 0.5) / m)
        folded = start.astype(np.float64) + fold
        if np.all(np.abs(folded) + reach < INT32_LIMIT):
            multiplier = np.floor(m * 2.0**32 + 0.5).astype(np.int32)
            begin = folded.astype(np.int64).astype(np.int32)
            return Requant(multiplier, 32, True, zero_point, lo, hi), begin
    shift = wide_shift(float(m.max()))
    multiplier = np.floor(m * 2.0**shift + 0.5).astype(np.int32)
    return Requant(multiplier, shift, False, zero_point, lo, hi), start.astype(np.int32)


@dataclass(frozen=True)
class RowScale:
    """A real factor as `mantissa * 2^-exponent`, mantissa in [2^30, 2^31)."""

    mantissa: int
    exponent: int


def row_scale(real: float, table_top: int, row_length: int) -> RowScale:
    """Return the constants of `row_scale` for factor `real` divided by a row's sum.

    `table_top` is exp[0]; sums lie in [table_top, table_top * row_length].
    Raises RangeError when the shift `t` could leave 1..31.
    """
    if not (math.isfinite(real) and real > 0.0):
        raise RangeError(f"row factor must be positive and finite, not {real}")
    fraction, exponent = math.frexp(real)
    mantissa = math.floor(fraction * 2.0**31 + 0.5)
    scale = RowScale(mantissa, 31 - exponent)
    if mantissa == INT32_LIMIT:
        scale = RowScale(mantissa // 2, 30 - exponent)
    for total in (table_top, table_top * row_length):
        shift = scale.exponent - (32 - total.bit_length()) - 1
        if not 1 <= shift <= 31:
            raise RangeError(f"row factor {real:g} needs a shift of {shift}, outside 1..31")
    return scale


def at_largest_shift(
    reals: Sequence[float], reach: Callable[[Sequence[int]], int], scales: Sequence[Affine]
) -> tuple[list[int], int]:
    """Return numbers times 2^shift, rounded, and the largest shift whose `reach` fits int32.

    Raises RangeError, with the scales of two operands and the output, when none does.
    """
    for shift in range(LARGEST_SHIFT, -1, -1):
        found = [math.floor(real * 2.0**shift + 0.5) for real in reals]
        if reach(found) < INT32_LIMIT:
            return found, shift
    a, b, y = (one.scale for one in scales)
    raise RangeError(f"the scales {a:g} and {b:g} are too far above {y:g}")
