"""Where the outputs of a Resize lie among its input's cells, and the weights of those around.

As ONNX defines it, in float32 as ONNX Runtime computes it: which of two cells is the nearest, and
whether an output lies on a cell, hangs on the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.quantization import FloatArray

Float32 = NDArray[np.float32]
Cells = NDArray[np.int64]

_HALF = np.float32(0.5)
_TIE = 1e-6
"""Places this near the middle of two cells are taken to be it, as ONNX Runtime does."""


@dataclass(frozen=True)
class Axis:
    """An axis of `extent` cells that becomes `out` by a factor `scale`."""

    extent: int
    out: int
    scale: np.float32


@dataclass(frozen=True)
class Between:
    """How outputs between cells are made: of the two around, or by cubics of `coefficient`."""

    cubic: bool
    coefficient: float = -0.75
    antialias: bool = False
    exclude_outside: bool = False


def _half_pixel(axis: Axis) -> Float32:
    return (_places(axis) + _HALF) / axis.scale - _HALF


def _symmetric(axis: Axis) -> Float32:
    adjustment = np.float32(axis.out) / (axis.scale * np.float32(axis.extent))
    return np.float32(axis.extent / 2) * (np.float32(1) - adjustment) + _half_pixel(axis)


def _corners(axis: Axis) -> Float32:
    if axis.out == 1:
        return np.zeros(1, np.float32)
    return _places(axis) * np.float32(axis.extent - 1) / np.float32(axis.out - 1)


TRANSFORMS: Mapping[str, Callable[[Axis], Float32]] = {
    "half_pixel": _half_pixel,
    "half_pixel_symmetric": _symmetric,
    "pytorch_half_pixel": lambda axis: (
        _half_pixel(axis) if axis.out > 1 else np.zeros(1, np.float32)
    ),
    "align_corners": _corners,
    "asymmetric": lambda axis: _places(axis) / axis.scale,
    "tf_half_pixel_for_nn": lambda axis: (_places(axis) + _HALF) / axis.scale,
}
"""By coordinate_transformation_mode: the place of every output among the cells."""

NEAREST: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "round_prefer_floor": lambda at: np.ceil(at - 0.5 - _TIE),
    "round_prefer_ceil": lambda at: np.floor(at + 0.5 + _TIE),
    "floor": np.floor,
    "ceil": np.ceil,
}
"""By nearest_mode: the cell that is taken at a place."""


def _places(axis: Axis) -> Float32:
    return np.arange(axis.out, dtype=np.float32)


def places(axis: Axis, transform: str) -> Float32:
    """Return where each output lies: by a factor of 1 on its own cell."""
    return _places(axis) if axis.scale == 1 else TRANSFORMS[transform](axis)


def nearest_cells(axis: Axis, transform: str, nearest: str) -> Cells:
    """Return the cell of each output."""
    found = NEAREST[nearest](places(axis, transform).astype(np.float64)).astype(np.int64)
    return np.clip(found, 0, axis.extent - 1)


def weights(axis: Axis, transform: str, how: Between) -> FloatArray:
    """Return the weights [outputs, cells]; those of an output sum to 1."""
    if how.antialias and axis.extent == axis.out:
        return np.eye(axis.out)
    at = places(axis, transform).astype(np.float64)
    shrunk = 1.0 / float(axis.scale) if how.antialias and axis.scale < 1 else 1.0
    if not how.cubic and not how.antialias:
        at = np.clip(at, 0, axis.extent - 1)
    reach = (2.0 if how.cubic else 1.0) * shrunk
    width = int(np.ceil(reach)) * 2 + 1
    cells = np.floor(at - reach).astype(np.int64)[:, np.newaxis] + np.arange(width + 1)
    apart = np.abs(cells - at[:, np.newaxis]) / shrunk
    each = _cubic(apart, how.coefficient) if how.cubic else np.maximum(1.0 - apart, 0.0)
    outside = (cells < 0) | (cells >= axis.extent)
    if how.exclude_outside:
        each = np.where(outside, 0.0, each)
    made = np.zeros((axis.out, axis.extent))
    rows = np.broadcast_to(np.arange(axis.out)[:, np.newaxis], cells.shape)
    np.add.at(made, (rows, np.clip(cells, 0, axis.extent - 1)), each)
    total: FloatArray = made / made.sum(axis=1, keepdims=True)
    return total


def _cubic(apart: FloatArray, a: float) -> FloatArray:
    """The cubic convolution of distances, which is 0 from 2 on (Keys, 1981)."""
    inner = ((a + 2) * apart - (a + 3)) * apart**2 + 1
    outer = ((a * apart - 5 * a) * apart + 8 * a) * apart - 4 * a
    found: FloatArray = np.where(apart <= 1, inner, np.where(apart < 2, outer, 0.0))
    return found
