"""Operators that move bytes: views where they can be, as NumPy moves elements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyrig.generator.graph.ops import Concat, Constant, Pad, Reshape, Shape, Slice, Transpose
from tinyrig.generator.operators.operator import Operator
from tinyrig.generator.operators.values import Ids, fixed


def _constant(node: Constant, _: Sequence[Ids], shape: Shape) -> Ids:
    return fixed(node.data).reshape(shape)


def _reshape(_: Reshape, x: Sequence[Ids], shape: Shape) -> Ids:
    return x[0].reshape(shape)


def _transpose(node: Transpose, x: Sequence[Ids], _: Shape) -> Ids:
    return x[0].transpose(node.perm)


def _slice(node: Slice, x: Sequence[Ids], shape: Shape) -> Ids:
    taken = x[0]
    for axis, (start, step, extent) in enumerate(zip(node.starts, node.steps, shape, strict=True)):
        taken = taken.take(start + step * np.arange(extent), axis=axis)
    return taken


def _concat(node: Concat, x: Sequence[Ids], _: Shape) -> Ids:
    return np.concatenate(x, axis=node.axis)


def _pad(node: Pad, x: Sequence[Ids], shape: Shape) -> Ids:
    padded = np.full(shape, fixed(np.array(node.value, np.int8)), np.uint64)
    inner = tuple(slice(b, b + e) for b, e in zip(node.before, x[0].shape, strict=True))
    padded[inner] = x[0]
    return padded


CONSTANT = Operator(node=Constant, value=_constant, operands=0)
RESHAPE = Operator(node=Reshape, value=_reshape)
TRANSPOSE = Operator(node=Transpose, value=_transpose)
SLICE = Operator(node=Slice, value=_slice)
CONCAT = Operator(node=Concat, value=_concat)
PAD = Operator(node=Pad, value=_pad)
