"""The affine int8 form of real arrays: ONNX QuantizeLinear in float64, and best fits."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN, Affine

FloatArray = NDArray[np.float64]

CODES: NDArray[np.int64] = np.arange(INT8_MIN, INT8_MAX + 1, dtype=np.int64)
CODES.setflags(write=False)


def quantise(real: FloatArray, affine: Affine) -> Int8Array:
    """Return sat8(round_half_even(real / scale) + zero_point); NaN becomes the zero point."""
    scaled = np.nan_to_num(real / affine.scale, nan=0.0, posinf=512.0, neginf=-512.0)
    codes = np.rint(np.clip(scaled, -512.0, 512.0)) + affine.zero_point
    stored: Int8Array = np.clip(codes, INT8_MIN, INT8_MAX).astype(np.int8)
    return stored


def dequantise(codes: NDArray[np.integer], affine: Affine) -> FloatArray:
    """Return scale * (codes - zero_point)."""
    return affine.scale * (codes.astype(np.float64) - affine.zero_point)


def fit_symmetric(real: FloatArray) -> Affine:
    """Return the finest affine with zero point 0 whose [-127, 127] holds every element."""
    largest = float(np.max(np.abs(real))) if real.size else 0.0
    return Affine(largest / 127.0, 0) if largest > 0.0 and math.isfinite(largest) else Affine(1, 0)


def fit_range(low: float, high: float) -> Affine:
    """Return an affine over [low, high] widened to hold zero."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return Affine(1.0, 0)
    scale = (high - low) / 255.0
    return Affine(scale, round(INT8_MIN - low / scale))
