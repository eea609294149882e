"""GELU and the error function, exact to float64."""

from __future__ import annotations

import math

import numpy as np

from tinyrig.generator.graph.quantization import FloatArray


def erf(x: FloatArray) -> FloatArray:
    """Return the error function of each element of a vector."""
    return np.array([math.erf(item) for item in x.tolist()], dtype=np.float64)


def gelu(x: FloatArray) -> FloatArray:
    """Return x times the distribution function of the normal distribution, for a vector."""
    return 0.5 * x * (1.0 + erf(x / math.sqrt(2.0)))
