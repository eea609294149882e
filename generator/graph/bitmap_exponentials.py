"""Exponentials as the bitmap kernel computes them (kernels/src/common/bitmap_table.h)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_FRACTION = 16
_BITS = 15
_LARGEST_HALVING = 1 << 23
_LARGEST_SHIFT = 31
_SHIFTED, _LN2 = 44335, 45426
"""I-BERT's 1.353 in 15 bits, and the natural logarithm of 2 in 16."""
_FACTOR, _LEAST = 11747, 11272
"""Its 0.3585 and 0.344 in 15 bits."""


def halving_of(scale: float) -> int:
    """Return how many halvings in 2^16 an exponential loses by a step of the scores."""
    return min(_LARGEST_HALVING, round(scale / math.log(2.0) * (1 << _FRACTION)))


def bitmap_table(halving: int, top: int) -> NDArray[np.uint16]:
    """Return what the kernel computes for scores 0..255 steps below the largest of their row."""
    halved = np.arange(256, dtype=np.int64) * halving
    shift = _BITS + (halved >> _FRACTION)
    x = _SHIFTED - ((halved & ((1 << _FRACTION) - 1)) * _LN2 >> 17)
    polynomial = ((x * x >> _BITS) * _FACTOR >> _BITS) + _LEAST
    power = np.minimum(polynomial, 1 << _BITS)
    known = np.minimum(shift, _LARGEST_SHIFT)
    value = (top * power + (1 << (known - 1))) >> known
    return np.where(shift > _LARGEST_SHIFT, 0, value).astype(np.uint16)
