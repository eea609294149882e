"""Least squares with coefficients of at least 0 (Lawson and Hanson, 1974)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_TOLERANCE = 1e-9


def nonnegative(terms: Matrix, wanted: Matrix) -> Matrix:
    """Return x >= 0 that makes terms @ x nearest to `wanted`."""
    scale = np.linalg.norm(terms, axis=0)
    scale[scale == 0] = 1.0
    a = terms / scale
    x = np.zeros(a.shape[1])
    used = np.zeros(a.shape[1], bool)
    for _ in range(3 * a.shape[1]):
        gain = a.T @ (wanted - a @ x)
        gain[used] = -np.inf
        best = int(np.argmax(gain))
        if gain[best] <= _TOLERANCE:
            break
        used[best] = True
        x = _settled(a, wanted, x, used)
    found: Matrix = x / scale
    return found


def _settled(a: Matrix, wanted: Matrix, x: Matrix, used: Any) -> Matrix:
    """Return the best x on the used columns; those that would turn negative leave them."""
    while True:
        solved = np.zeros_like(x)
        solved[used] = np.linalg.lstsq(a[:, used], wanted, rcond=None)[0]
        falling = used & (solved <= 0)
        if not falling.any():
            return solved
        steps = x[falling] / np.maximum(x[falling] - solved[falling], 1e-300)
        x = x + min(1.0, float(steps.min())) * (solved - x)
        used &= x > _TOLERANCE
        x = np.where(used, x, 0.0)
