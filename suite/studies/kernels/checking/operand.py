"""Strided operands, and the byte that marks what nothing may write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CANARY = 0x5A
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Operand:
    """A tensor of `shape` in a block of `size` bytes: element i lies at base + i . strides."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    base: int
    size: int

    @property
    def positions(self) -> Ints:
        """The byte of every element, in the logical shape."""
        where = np.full(self.shape, self.base, dtype=np.int64)
        for axis, (extent, stride) in enumerate(zip(self.shape, self.strides, strict=True)):
            steps = np.arange(extent, dtype=np.int64) * stride
            where += steps.reshape([-1 if a == axis else 1 for a in range(len(self.shape))])
        return where


def operand(
    rng: np.random.Generator,
    shape: Sequence[int],
    *,
    orders: Sequence[Sequence[int]] = (),
    repeat: Sequence[int] = (),
    negative: bool = False,
) -> Operand:
    """Place a tensor: half the time dense in one of `orders` (outermost axis first; row-major
    when none is given), else with gaps, half of those with the axes permuted.

    Axes in `repeat` get stride 0. `negative` lets strides be negative.
    """
    shape = tuple(shape)
    choices = [list(order) for order in orders] or [list(range(len(shape)))]
    order = choices[int(rng.integers(len(choices)))]
    plain = rng.random() < 0.5
    if not plain and rng.random() < 0.5:
        order = [int(axis) for axis in rng.permutation(len(shape))]
    strides = [0] * len(shape)
    step = 1
    for axis in reversed(order):
        if axis in repeat:
            continue
        if not plain and rng.random() < (0.2 if axis == order[-1] else 0.6):
            step += int(rng.integers(1, 4))
        strides[axis] = step
        step *= shape[axis]
    base = 0
    if negative and not plain:
        for axis, extent in enumerate(shape):
            if rng.random() < 0.3:
                base += strides[axis] * (extent - 1)
                strides[axis] = -strides[axis]
    size = 1 + sum(abs(s) * (e - 1) for s, e in zip(strides, shape, strict=True))
    return Operand(shape, tuple(strides), base, size)
