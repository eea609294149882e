"""Tensors of the integer graph: a name, a static shape and an affine int8 quantization."""

from __future__ import annotations

import math
from dataclasses import dataclass

INT8_MIN = -128
INT8_MAX = 127


@dataclass(frozen=True)
class Affine:
    """`real = scale * (q - zero_point)`, scale positive and finite, zero_point in [-128, 127]."""

    scale: float
    zero_point: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.scale) and self.scale > 0.0):
            raise ValueError(f"scale must be positive and finite, not {self.scale}")
        if not INT8_MIN <= self.zero_point <= INT8_MAX:
            raise ValueError(f"zero point must be an int8, not {self.zero_point}")


@dataclass(frozen=True)
class Tensor:
    """One int8 activation with logical shape `shape` (row-major order of the axes)."""

    name: str
    shape: tuple[int, ...]
    affine: Affine

    def __post_init__(self) -> None:
        if any(extent < 1 for extent in self.shape):
            raise ValueError(f"tensor {self.name!r} has an empty or negative axis: {self.shape}")

    @property
    def elements(self) -> int:
        """Number of int8 elements, which is the number of bytes."""
        return math.prod(self.shape)
