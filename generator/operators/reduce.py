"""The largest or the least code over axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyrig.generator.graph.ops import Node, Shape
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.mean import (
    reduced_accesses,
    reduced_makes,
    reduced_value,
    reduction,
)
from tinyrig.generator.operators.operator import KernelCall, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.view import View


@dataclass(frozen=True, eq=False, kw_only=True)
class Reduce(Node):
    """Over `axes` (sorted, non-negative); `keepdims` keeps them with extent 1; affine unchanged."""

    axes: tuple[int, ...]
    keepdims: bool
    least: bool

    @property
    def op(self) -> str:
        """`reducemin` or `reducemax`."""
        return "reducemin" if self.least else "reducemax"


def _bind(node: Reduce, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]) -> Call:
    params = {**reduction(node, node.axes, reads, writes), "least": int(node.least)}
    return Call("reduce_s8", params, tuple(reads), tuple(writes))


def _value(node: Reduce, x: Sequence[Ids], _: Shape) -> Ids:
    return reduced_value(node, node.axes, x[0])


def drawn_axes(rng: np.random.Generator, shape: Shape, most: int) -> tuple[int, ...]:
    """Return some axes of a shape, sorted."""
    count = int(rng.integers(1, min(most, len(shape)) + 1))
    return tuple(sorted(int(axis) for axis in rng.permutation(len(shape))[:count]))


def shape_without(shape: Shape, axes: Sequence[int], keepdims: bool) -> Shape:
    """Return a shape with some axes reduced."""
    kept = [1 if axis in axes else extent for axis, extent in enumerate(shape)]
    return tuple(n for axis, n in enumerate(kept) if keepdims or axis not in axes)


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    shape = inputs[0].shape
    axes = drawn_axes(rng, shape, len(shape))
    keepdims = len(axes) == len(shape) or bool(rng.integers(2))
    constants = {"axes": axes, "keepdims": keepdims, "least": bool(rng.integers(2))}
    return constants, shape_without(shape, axes, keepdims), inputs[0].affine


REDUCE = Operator(
    node=Reduce,
    value=_value,
    bind=_bind,
    calls=(KernelCall("reduce_s8", reduced_accesses, reduced_makes),),
    example=_example,
)
