"""The model's boundary: real values to int8 codes and back, as ONNX QuantizeLinear does it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import CodeType
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN, Affine

_UINT8_OFFSET = 128
"""How far the codes of a model's uint8 tensor lie above the int8 codes the firmware has."""


def int8_codes(x: NDArray[Any], affine: Affine) -> NDArray[np.int8]:
    """Return an input's int8 codes: those of reals, or the int8 or uint8 codes it is given as."""
    if x.dtype == np.int8:
        return x
    if x.dtype == np.uint8:
        return (x.astype(np.int16) - _UINT8_OFFSET).astype(np.int8)
    return quantize_input(x, affine)


def own_values(
    codes: NDArray[np.int8], affine: Affine, coded: CodeType | None
) -> NDArray[np.float32] | NDArray[np.int8] | NDArray[np.uint8]:
    """Return int8 codes as the model itself has them: its codes, or for None its reals."""
    if coded == "int8":
        return codes
    if coded == "uint8":
        return (codes.astype(np.int16) + _UINT8_OFFSET).astype(np.uint8)
    return dequantize_output(codes, affine)


def real_values(x: NDArray[Any], affine: Affine) -> NDArray[np.float32]:
    """Return a model's own array as reals: itself, or what its codes stand for."""
    return dequantize_output(int8_codes(x, affine), affine) if x.dtype.kind in "iu" else x


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
