"""Mean, sum, largest and least over axes, and where the largest or the least stands."""

from __future__ import annotations

import math

import numpy as np

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.matching import axes_of
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.graph.ops import Mean
from tinyrig.generator.graph.requant import requantise
from tinyrig.generator.graph.tensor import INT8_MIN, Affine, Tensor
from tinyrig.generator.operators.argmax import LONGEST, ArgMax
from tinyrig.generator.operators.reduce import Reduce


@lowers("ReduceMean", "ReduceSum")
def lower_reduce_mean(at: Lowering, node: SourceNode) -> None:
    """Over constant axes, given or all."""
    axes = _axes(at, node)
    if axes:
        averaged(at, node, axes, node.integer("keepdims", 1) != 0)


@lowers("ReduceMax", "ReduceMin")
def lower_reduce(at: Lowering, node: SourceNode) -> None:
    """Over constant axes, given or all; the codes are compared, and none changes."""
    axes = _axes(at, node)
    if axes:
        keepdims = node.integer("keepdims", 1) != 0
        y = _reduced(at, node, 0, axes, keepdims, least=node.op == "ReduceMin")
        at.bind(node.outputs[0], y)


@lowers("ArgMax", "ArgMin")
def lower_argmax(at: Lowering, node: SourceNode) -> None:
    """Along an axis of at most 256; the output is int8 codes of step 1, its values the indices."""
    axis = node.integer("axis", 0) % len(at.value(node.inputs[0]).shape)
    last = node.integer("select_last_index", 0) != 0
    keepdims = node.integer("keepdims", 1) != 0
    _argument(at, node, 0, axis, keepdims=keepdims, least=node.op == "ArgMin", last=last)


@lowers("TopK")
def lower_topk(at: Lowering, node: SourceNode) -> None:
    """The first alone (k is 1): the largest or the least, and where it stands."""
    count = at.constant(node.input(1))
    k = node.integer("k", 0)
    if count is not None and count.data is not None:
        k = int(count.data.reshape(-1)[0])
    require(node, k == 1, f"k {k}" if k else "a k computed at run time", "k of 1")
    axis = node.integer("axis", -1) % len(at.value(node.inputs[0]).shape)
    least = node.integer("largest", 1) == 0
    if at.is_read(node.outputs[0]):
        at.bind(node.outputs[0], _reduced(at, node, 0, (axis,), True, least=least))
    if len(node.outputs) > 1 and at.is_read(node.outputs[1]):
        _argument(at, node, 1, axis, keepdims=True, least=least, last=False)


def averaged(at: Lowering, node: SourceNode, axes: tuple[int, ...], keepdims: bool) -> None:
    """Bind the mean over axes, or the sum where the node is one."""
    x = at.tensor(node.inputs[0])
    y = at.output(node.outputs[0])
    count = math.prod(x.shape[axis] for axis in axes)
    divisor = 1 if node.op == "ReduceSum" else count
    requant, start = requantise(
        [x.affine.scale / (divisor * y.affine.scale)],
        np.array([-count * x.affine.zero_point], dtype=np.int64),
        np.array([count * 128], dtype=np.int64),
        y.affine.zero_point,
    )
    at.builder.add(
        Mean(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            axes=axes,
            keepdims=keepdims,
            start=int(start[0]),
            requant=requant,
        )
    )
    at.bind(node.outputs[0], y)


def _axes(at: Lowering, node: SourceNode) -> tuple[int, ...]:
    """Return the axes to reduce; none where the node says that none means its input."""
    rank = len(at.value(node.inputs[0]).shape)
    known = not node.input(1) or at.constant(node.input(1)) is not None
    require(node, known, "axes computed at run time", "constant axes")
    axes = axes_of(node, at.source, rank)
    if axes:
        return axes
    if node.integer("noop_with_empty_axes", 0):
        at.alias(node.outputs[0], node.inputs[0])
        return ()
    return tuple(range(rank))


def _reduced(
    at: Lowering,
    node: SourceNode,
    slot: int,
    axes: tuple[int, ...],
    keepdims: bool,
    *,
    least: bool,
) -> Tensor:
    x = at.tensor(node.inputs[0])
    y = at.output(node.outputs[slot], x.affine)
    at.builder.add(
        Reduce(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            axes=axes,
            keepdims=keepdims,
            least=least,
        )
    )
    return y


def _argument(
    at: Lowering,
    node: SourceNode,
    slot: int,
    axis: int,
    *,
    keepdims: bool,
    least: bool,
    last: bool,
) -> None:
    x = at.tensor(node.inputs[0])
    extent = x.shape[axis]
    require(
        node,
        extent <= LONGEST,
        f"an axis of {extent}, whose indices are no int8 codes",
        f"axes of at most {LONGEST}; cut it off the end of the model, the host takes the scores",
    )
    affine = Affine(1.0, 0 if extent <= -INT8_MIN else INT8_MIN)
    y = at.output(node.outputs[slot], affine)
    at.builder.add(
        ArgMax(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            axis=axis,
            keepdims=keepdims,
            least=least,
            last=last,
            first=affine.zero_point,
        )
    )
    at.bind(node.outputs[slot], y)
