"""A product with slopes where a tensor is negative."""

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

_REACH = 255


@dataclass(frozen=True, eq=False, kw_only=True)
class PRelu(Rescaled):
    """A tensor and slopes that broadcast to it; `positive` and `negative` are multipliers."""

    positive: int
    negative: int
    start: int


def multipliers(x: Affine, slope: Affine, y: Affine) -> dict[str, int]:
    """Return the constants of docs/arithmetic.md. Raises RangeError when none fits int32."""
    ratio = x.scale / y.scale
    (positive, negative, start), shift = at_largest_shift(
        (ratio, ratio * slope.scale, y.zero_point + 0.5),
        lambda m: _REACH * max(m[0], _REACH * m[1]) + abs(m[2]),
        (x, slope, y),
    )
    return {"positive": positive, "negative": negative, "start": start, "shift": shift}


def _fields(node: PRelu, tensors: Sequence[Tensor]) -> Params:
    return {
        "a_zero_point": tensors[0].affine.zero_point,
        "b_zero_point": tensors[1].affine.zero_point,
        "positive": node.positive,
        "negative": node.negative,
        "start": node.start,
        "shift": node.shift,
        "lo": node.lo,
        "hi": node.hi,
    }


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    y = any_affine(rng)
    constants = multipliers(inputs[0].affine, inputs[1].affine, y) | any_limits(rng)
    return constants, inputs[0].shape, y


PRELU = replace(elementwise_operator(PRelu, "prelu_s8", "ab", _fields), example=_example)
