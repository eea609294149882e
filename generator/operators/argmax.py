"""Where the largest or the least code of an axis stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyrig.generator.graph.ops import Node, Shape
from tinyrig.generator.graph.tensor import INT8_MIN, Affine, Tensor
from tinyrig.generator.operators.mean import (
    reduced_accesses,
    reduced_makes,
    reduced_value,
    reduction,
)
from tinyrig.generator.operators.operator import KernelCall, Operator
from tinyrig.generator.operators.reduce import drawn_axes, shape_without
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.view import View

LONGEST = 256
"""Of how many codes an index is an int8 code itself."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ArgMax(Node):
    """Along `axis` (non-negative): the index of the largest, or the `least`; of several the first,
    or the `last`. The output's codes are `first` and what follows it."""

    axis: int
    keepdims: bool
    least: bool
    last: bool
    first: int

    @property
    def op(self) -> str:
        """`argmin` or `argmax`."""
        return "argmin" if self.least else "argmax"


def _bind(node: ArgMax, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]) -> Call:
    params = {
        **reduction(node, (node.axis,), reads, writes),
        "least": int(node.least),
        "last": int(node.last),
        "first": node.first,
    }
    return Call("argmax_s8", params, tuple(reads), tuple(writes))


def _value(node: ArgMax, x: Sequence[Ids], _: Shape) -> Ids:
    return reduced_value(node, (node.axis,), x[0])


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    shape = inputs[0].shape
    axes = drawn_axes(rng, shape, 1)
    keepdims = len(shape) == 1 or bool(rng.integers(2))
    first = INT8_MIN if shape[axes[0]] > -INT8_MIN else int(rng.integers(INT8_MIN, 1))
    least, last = (bool(bit) for bit in rng.integers(0, 2, 2))
    constants = {"axis": axes[0], "least": least, "last": last, "first": first}
    shape = shape_without(shape, axes, keepdims)
    return constants | {"keepdims": keepdims}, shape, Affine(1.0, first)


ARGMAX = Operator(
    node=ArgMax,
    value=_value,
    bind=_bind,
    calls=(KernelCall("argmax_s8", reduced_accesses, reduced_makes),),
    example=_example,
)
