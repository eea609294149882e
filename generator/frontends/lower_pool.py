"""Pools over windows and over the whole image, and means over axes."""

from __future__ import annotations

import math

import numpy as np

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.matching import axes_of
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.frontends.window import window_of
from tinyrig.generator.graph.ops import AvgPool, MaxPool, Mean, Window
from tinyrig.generator.graph.requant import requantise, wide_shift


@lowers("GlobalMaxPool", "MaxPool")
def lower_maxpool(at: Lowering, node: SourceNode) -> None:
    """MaxPool without its indices; GlobalMaxPool as a window over the whole image."""
    require(node, len(node.outputs) == 1, "an Indices output", "the maximum only")
    kernel = node.integers("kernel_shape") or at.value(node.inputs[0]).shape[2:]
    window = window_of(at, node, kernel)
    x = at.tensor(node.inputs[0])
    y = at.output(node.outputs[0], x.affine)
    name = at.builder.node_name(node.name)
    at.builder.add(MaxPool(name=name, inputs=(x.name,), outputs=(y.name,), window=window))
    at.bind(node.outputs[0], y)


@lowers("AveragePool")
def lower_avgpool(at: Lowering, node: SourceNode) -> None:
    """AveragePool: over the cells inside the image, or over all when padding is counted."""
    kernel = node.integers("kernel_shape") or ()
    window = window_of(at, node, kernel)
    counted = node.integer("count_include_pad", 0) != 0
    overhang = counted and _hangs_over(node, window)
    require(
        node,
        not overhang,
        "ceil_mode windows beyond the counted padding",
        "count_include_pad with windows that end inside the padding",
    )
    x = at.tensor(node.inputs[0])
    y = at.output(node.outputs[0])
    ratio = x.affine.scale / y.affine.scale
    shift = wide_shift(ratio)
    counts = np.arange(1, math.prod(window.kernel) + 1, dtype=np.float64)
    at.builder.add(
        AvgPool(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            window=window,
            count_include_pad=counted,
            multiplier=np.floor(ratio / counts * 2.0**shift + 0.5).astype(np.int32),
            shift=shift,
        )
    )
    at.bind(node.outputs[0], y)


def _hangs_over(node: SourceNode, window: Window) -> bool:
    """Whether ceil_mode lets a window end behind the padding the node asks for."""
    if not node.integer("ceil_mode", 0) or node.text("auto_pad", "NOTSET") != "NOTSET":
        return False
    pads = node.integers("pads") or ()
    ends = pads[len(pads) // 2 :] or (0,) * len(node.integers("kernel_shape") or ())
    return any(
        need > given for need, given in zip(window.pads[2:][-len(ends) :], ends, strict=True)
    )


@lowers("GlobalAveragePool")
def lower_global_average(at: Lowering, node: SourceNode) -> None:
    """GlobalAveragePool: the mean over all axes behind the channels."""
    rank = len(at.value(node.inputs[0]).shape)
    _mean(at, node, tuple(range(2, rank)), True)


@lowers("ReduceMean")
def lower_reduce_mean(at: Lowering, node: SourceNode) -> None:
    """ReduceMean over constant axes, given or all."""
    rank = len(at.value(node.inputs[0]).shape)
    known = not node.input(1) or at.constant(node.input(1)) is not None
    require(node, known, "axes computed at run time", "constant axes")
    axes = axes_of(node, at.source, rank)
    if not axes:
        if node.integer("noop_with_empty_axes", 0):
            at.alias(node.outputs[0], node.inputs[0])
            return
        axes = tuple(range(rank))
    _mean(at, node, axes, node.integer("keepdims", 1) != 0)


def _mean(at: Lowering, node: SourceNode, axes: tuple[int, ...], keepdims: bool) -> None:
    x = at.tensor(node.inputs[0])
    y = at.output(node.outputs[0])
    count = math.prod(x.shape[axis] for axis in axes)
    requant, start = requantise(
        [x.affine.scale / (count * y.affine.scale)],
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
