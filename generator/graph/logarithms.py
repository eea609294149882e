"""The constants of LogSoftmax (docs/arithmetic.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.exponentials import even_table
from tinyrig.generator.graph.requant import (
    INT32_LIMIT,
    Int32Array,
    RangeError,
    Requant,
    requantise,
)
from tinyrig.generator.graph.tensor import Affine

INTERVALS = 128
"""Of an octave of sums; the logarithm is a line over each."""

_FINEST = 16
"""Bits that an output step has below it, as a power of two: rounding the slope and rounding the
multiplier then cost alike, 2^-9 steps at most."""

_ROOM = 2**25
"""Left of int32 for the fold of the narrow form, and what rounds an octave."""

_MOST_STEPS = 0.5
_CODES = 256


@dataclass(frozen=True, eq=False)
class LogConstants:
    """What a LogSoftmax computes with: logarithms have the fraction bits of `requant`'s sums."""

    exp: NDArray[np.uint32]
    logs: Int32Array
    octave: int
    slope: int
    start: int
    requant: Requant


def log_constants(score: float, row_length: int, affine: Affine) -> LogConstants:
    """Return the constants for rows of `row_length` scores in steps of `score`.

    Raises RangeError where the output's steps are so fine that half of one would be lost.
    """
    exp = even_table(score, row_length)
    octaves = 32 - int(exp[0]).bit_length()
    most = math.log(2.0) * (octaves + 1)
    fraction = _fraction(score, most, affine.scale)
    unit = 2.0**fraction
    error = _error(score, exp, row_length, affine.scale, unit)
    if error > _MOST_STEPS:
        raise RangeError(
            f"logarithms in steps of {affine.scale:.2g} are finer than their sums, which are up "
            f"to {error:.1f} steps off; give the output a larger scale"
        )
    octave, slope = _rounded(math.log(2.0) * unit), _rounded(score * unit)
    line = np.floor(np.log1p(np.arange(INTERVALS + 1) / INTERVALS) * unit + 0.5)
    logs = line.astype(np.int64) + octaves * octave
    reach = np.array([_reach(slope, int(logs[-1]))])
    real = [1.0 / (unit * affine.scale)]
    requant, start = requantise(real, np.zeros(1, np.int64), reach, affine.zero_point)
    return LogConstants(
        exp=exp,
        logs=logs.astype(np.int32),
        octave=octave,
        slope=slope,
        start=int(start[0]),
        requant=requant,
    )


def _fraction(score: float, most: float, step: float) -> int:
    """Return the bits behind the point: enough for the output's step, and within int32."""
    fraction = _FINEST - math.floor(math.log2(step))
    while _reach(_rounded(score * 2.0**fraction), _rounded(most * 2.0**fraction)) >= (
        INT32_LIMIT - _ROOM
    ):
        fraction -= 1
    return fraction


def _reach(slope: int, log: int) -> int:
    """Return what depth and logarithm can come to."""
    return (_CODES - 1) * slope + log


def _error(
    score: float, exp: NDArray[np.uint32], row_length: int, step: float, unit: float
) -> float:
    """Return the most that rounded constants can be off, in steps; beyond 256 an output is cut."""
    tail = row_length - 1
    if tail == 0:
        return 0.0
    slopes = 0.5 * min(_CODES - 1, _CODES * step / score) / unit
    sums = 0.5 * tail / int(exp[0])
    lines = 1.0 / (8 * INTERVALS**2)
    return (slopes + sums + lines) / step


def _rounded(real: float) -> int:
    return math.floor(real + 0.5)
