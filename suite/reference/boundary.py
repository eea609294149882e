"""The model's boundary: real values to int8 codes and back, as ONNX QuantizeLinear does it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.errors import InputError
from generator.graph.tensor import INT8_MAX, INT8_MIN, Affine


def quantize_input(x: NDArray[np.float32], affine: Affine) -> NDArray[np.int8]:
    """Return `sat8(round_half_even(x / scale) + zero_point)`, the division in float32.

    Infinities saturate. Raises InputError when `x` holds a NaN.
    """
    real = np.asarray(x, dtype=np.float32)
    if np.isnan(real).any():
        raise InputError("an input value is NaN, which has no int8 code")
    with np.errstate(over="ignore"):
        steps = np.rint(real / np.float32(affine.scale))
    # Saturating before the sum keeps it exact: |zero_point| and the bounds are small integers.
    lo, hi = INT8_MIN - affine.zero_point, INT8_MAX - affine.zero_point
    codes: NDArray[np.int8] = (np.clip(steps, lo, hi) + affine.zero_point).astype(np.int8)
    return codes


def dequantize_output(codes: NDArray[np.int8], affine: Affine) -> NDArray[np.float32]:
    """Return `scale * (q - zero_point)` in float32."""
    steps = np.asarray(codes, dtype=np.int32) - affine.zero_point
    real: NDArray[np.float32] = steps.astype(np.float32) * np.float32(affine.scale)
    return real
