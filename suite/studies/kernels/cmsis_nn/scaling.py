"""Real multipliers as CMSIS-NN takes them: a Q31 mantissa and a shift to the left."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.requant import Requant

_Q31 = 2**31


def scaling(real: float) -> tuple[int, int]:
    """Return (multiplier, shift): real = multiplier * 2^(shift - 31), multiplier below 2^31."""
    fraction, shift = math.frexp(real)
    multiplier = round(fraction * _Q31)
    return (multiplier // 2, shift + 1) if multiplier == _Q31 else (multiplier, shift)


def scalings(reals: Iterable[float]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the multipliers and shifts of many."""
    pairs = [scaling(real) for real in reals]
    multipliers, shifts = zip(*pairs, strict=True)
    return np.array(multipliers, np.int32), np.array(shifts, np.int32)


def reals(requant: Requant, channels: int) -> list[float]:
    """Return the real multiplier of every channel of a requantisation."""
    values = requant.multiplier.astype(np.float64) / 2.0**requant.shift
    return list(np.broadcast_to(values, channels))


def softmax_scaling(scale: float) -> tuple[int, int, int]:
    """Return multiplier, shift and least difference of arm_softmax_s8 for an input scale.

    Differences are scaled to 5 integer bits, as TensorFlow Lite prepares the operator.
    """
    bits = 5
    multiplier, shift = scaling(min(scale * 2.0 ** (31 - bits), _Q31 - 1.0))
    radius = math.floor(((1 << bits) - 1) * 2.0 ** (31 - bits) / 2.0**shift)
    return multiplier, shift, -radius
