"""The quotient of two tensors in the integer dialect, with the RequantShift after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinyrig.generator.graph.ops import Rescaled, Shape
from tinyrig.generator.graph.tensor import INT8_MIN, Affine, Tensor
from tinyrig.generator.operators.elementwise import elementwise_operator
from tinyrig.generator.operators.example import any_limits
from tinyrig.generator.planning.call import Params


@dataclass(frozen=True, eq=False, kw_only=True)
class IntegerDivide(Rescaled):
    """`a * factor / (b * eta + eps)`, cut downwards or `rounded`, times multiplier, shifted."""

    factor: int
    eta: int
    eps: int
    rounded: bool
    multiplier: int
    addend: int


def _fields(node: IntegerDivide, tensors: Sequence[Tensor]) -> Params:
    return {
        "a_zero_point": tensors[0].affine.zero_point,
        "b_zero_point": tensors[1].affine.zero_point,
        "factor": node.factor,
        "eta": node.eta,
        "eps": node.eps,
        "rounded": int(node.rounded),
        "multiplier": node.multiplier,
        "addend": node.addend,
        "shift": node.shift,
        "zero_point": tensors[-1].affine.zero_point,
        "lo": node.lo,
        "hi": node.hi,
    }


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    # Of all sizes, so that quotients are small enough for one more or less to show in a code.
    eta = int(2 ** rng.uniform(0.0, 6.6))
    shift = int(rng.integers(0, 32))
    constants = {
        "factor": int(rng.choice([-1, 1]) * 2 ** rng.uniform(0.0, 22.0)),
        "eta": eta,
        "eps": int(rng.integers(1, 256)) + eta * (inputs[1].affine.zero_point - INT8_MIN),
        "rounded": bool(rng.integers(2)),
        "multiplier": int(rng.integers(-(2**shift), 2**shift)),
        "addend": int(rng.integers(-(2**shift), 2**shift)),
        "shift": shift,
    }
    return constants | any_limits(rng), inputs[0].shape, Affine(1.0, int(rng.integers(-128, 128)))


INTEGER_DIVIDE = replace(
    elementwise_operator(IntegerDivide, "integer_divide_s8", "ab", _fields), example=_example
)
