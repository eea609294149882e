"""The quotient of two broadcast tensors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tinyrig.generator.graph.ops import Rescaled, Shape
from tinyrig.generator.graph.quantization import CODES
from tinyrig.generator.graph.requant import INT32_LIMIT, LARGEST_SHIFT, Int32Array
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.elementwise import elementwise_operator
from tinyrig.generator.operators.example import any_affine, any_limits
from tinyrig.generator.planning.call import Params, Table

_REACH = 255
_BEYOND = 511.0
"""A factor at which one step of the dividend takes the output from any code past its ends."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Divide(Rescaled):
    """The dividend's steps times `reciprocal[divisor + 128]`, in the output's times 2^shift."""

    reciprocal: Int32Array = field(repr=False)
    start: int


def reciprocals(a: Affine, b: Affine, y: Affine, *, safe: bool = False) -> dict[str, Any]:
    """Return the constants of docs/arithmetic.md; `safe` where a quotient by 0 is 0."""
    steps = CODES.astype(np.float64) - b.zero_point
    with np.errstate(divide="ignore"):
        factors = (a.scale / (y.scale * b.scale)) / steps
    factors = np.where(safe & (steps == 0), 0.0, np.clip(factors, -_BEYOND, _BEYOND))
    for shift in range(LARGEST_SHIFT, -1, -1):
        table = np.floor(factors * 2.0**shift + 0.5)
        start = math.floor((y.zero_point + 0.5) * 2.0**shift)
        if _REACH * np.abs(table).max() + abs(start) < INT32_LIMIT:
            return {"reciprocal": table.astype(np.int32), "start": start, "shift": shift}
    raise AssertionError("a factor of 511 leaves int32 at no shift")


def _fields(node: Divide, tensors: Sequence[Tensor]) -> Params:
    return {
        "a_zero_point": tensors[0].affine.zero_point,
        "reciprocal": Table(node.reciprocal, "tables"),
        "start": node.start,
        "shift": node.shift,
        "lo": node.lo,
        "hi": node.hi,
    }


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    y = any_affine(rng)
    constants = reciprocals(inputs[0].affine, inputs[1].affine, y) | any_limits(rng)
    return constants, inputs[0].shape, y


DIVIDE = replace(elementwise_operator(Divide, "divide_s8", "ab", _fields), example=_example)
