"""The larger or the smaller of two broadcast tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinyrig.generator.graph.ops import Rescaled, Shape
from tinyrig.generator.graph.requant import at_largest_shift
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.elementwise import elementwise_operator
from tinyrig.generator.operators.example import any_affine, any_limits
from tinyrig.generator.planning.call import Params


@dataclass(frozen=True, eq=False, kw_only=True)
class Extremum(Rescaled):
    """The larger, or the `least`, of operands in the output's steps times 2^shift."""

    least: bool
    a_multiplier: int
    a_start: int
    b_multiplier: int
    b_start: int

    @property
    def op(self) -> str:
        """`min` or `max`."""
        return "min" if self.least else "max"


def rescaling(a: Affine, b: Affine, y: Affine) -> dict[str, int]:
    """Return the constants of docs/arithmetic.md. Raises RangeError when none fits int32."""
    ratios = [one.scale / y.scale for one in (a, b)]
    offsets = [
        y.zero_point - ratio * one.zero_point + 0.5
        for ratio, one in zip(ratios, (a, b), strict=True)
    ]
    (of_a, of_b, start_a, start_b), shift = at_largest_shift(
        (*ratios, *offsets),
        lambda m: max(128 * m[0] + abs(m[2]), 128 * m[1] + abs(m[3])),
        (a, b, y),
    )
    return {
        "a_multiplier": of_a,
        "a_start": start_a,
        "b_multiplier": of_b,
        "b_start": start_b,
        "shift": shift,
    }


def _fields(node: Extremum, _: Sequence[Tensor]) -> Params:
    return {
        "a_multiplier": node.a_multiplier,
        "a_start": node.a_start,
        "b_multiplier": node.b_multiplier,
        "b_start": node.b_start,
        "shift": node.shift,
        "least": int(node.least),
        "lo": node.lo,
        "hi": node.hi,
    }


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    a, b = (tensor.affine for tensor in inputs)
    y = any_affine(rng)
    constants = rescaling(a, b, y) | any_limits(rng) | {"least": bool(rng.integers(2))}
    return constants, inputs[0].shape, y


EXTREMUM = replace(elementwise_operator(Extremum, "extremum_s8", "ab", _fields), example=_example)
