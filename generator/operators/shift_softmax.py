"""The softmax of the ITA accelerator: powers of two, summed in groups of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tinyrig.generator.graph.ops import Node, Shape, Walk
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN, Affine, Tensor
from tinyrig.generator.operators.accesses import rows
from tinyrig.generator.operators.integer_norm import row_makes, row_params, row_value
from tinyrig.generator.operators.operator import KernelCall, Operator
from tinyrig.generator.planning.call import Call, Params
from tinyrig.generator.planning.view import View

FRACTION = 256
"""The power of a row's largest score."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ShiftSoftmax(Node):
    """Over the last axis, whose length is a multiple of `group`; the largest output is `top`."""

    in_place: ClassVar[bool] = True
    row_wise: ClassVar[bool] = True
    walks: ClassVar[Walk] = "rows"

    group: int
    top: int


def _bind(
    node: ShiftSoftmax, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    params: Params = {
        **row_params(node, reads, writes),
        "group": node.group,
        "top": node.top,
        "zero_point": tensors[-1].affine.zero_point,
    }
    return Call("shift_softmax_s8", params, tuple(reads), tuple(writes))


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    length = inputs[0].shape[-1]
    group = int(rng.choice([n for n in range(1, length + 1) if length % n == 0]))
    affine = Affine(1.0, INT8_MIN if rng.integers(2) else 0)
    top = int(rng.integers(1, INT8_MAX - affine.zero_point + 1))
    return {"group": group, "top": top}, inputs[0].shape, affine


SHIFT_SOFTMAX = Operator(
    node=ShiftSoftmax,
    value=row_value,
    bind=_bind,
    calls=(KernelCall("shift_softmax_s8", rows, row_makes, "same"),),
    example=_example,
)
