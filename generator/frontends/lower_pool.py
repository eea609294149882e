"""Pools over windows and over the whole image."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.lower_extremum import chosen
from tinyrig.generator.frontends.lower_layout import padded, sliced
from tinyrig.generator.frontends.lower_reduce import averaged
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.frontends.weights import Weight, linear_constants
from tinyrig.generator.frontends.window import dilated, dilations_of, window_of
from tinyrig.generator.graph.ops import AvgPool, Conv, MaxPool, Window
from tinyrig.generator.graph.requant import wide_shift
from tinyrig.generator.graph.tensor import INT8_MIN, Tensor

_IMAGE = 2


@lowers("GlobalMaxPool", "MaxPool")
def lower_maxpool(at: Lowering, node: SourceNode) -> None:
    """MaxPool without its indices; GlobalMaxPool as a window over the whole image."""
    require(node, len(node.outputs) == 1, "an Indices output", "the maximum only")
    kernel = node.integers("kernel_shape") or at.value(node.inputs[0]).shape[2:]
    dilations = dilations_of(node, len(kernel))
    window = window_of(at, node, dilated(kernel, dilations))
    x = at.tensor(node.inputs[0])
    if set(dilations) != {1}:
        at.bind(node.outputs[0], _spread(at, node, x, window, dilations))
        return
    y = at.output(node.outputs[0], x.affine)
    name = at.builder.node_name(node.name)
    at.builder.add(MaxPool(name=name, inputs=(x.name,), outputs=(y.name,), window=window))
    at.bind(node.outputs[0], y)


def _spread(
    at: Lowering, node: SourceNode, x: Tensor, window: Window, dilations: tuple[int, ...]
) -> Tensor:
    """The maximum over cells that stand apart: of parts of the image, an axis at a time."""
    flat = _IMAGE - len(dilations)
    out = at.value(node.outputs[0]).shape
    for place, apart in enumerate(dilations, flat):
        axis, stride, reach = place + _IMAGE - flat, window.strides[place], window.kernel[place]
        before, after = [0] * len(out), [0] * len(out)
        before[axis] = window.pads[place]
        last = (out[axis] - 1) * stride + reach
        after[axis] = max(last - before[axis] - x.shape[axis], 0)
        x = padded(at, node, x, before, after, INT8_MIN)
        x = _largest(at, node, x, axis, range(0, reach, apart), (stride, out[axis]))
    return x


def _largest(
    at: Lowering, node: SourceNode, x: Tensor, axis: int, taps: range, moved: tuple[int, int]
) -> Tensor:
    """The largest along an axis of cells from each of `taps` on, of `moved`'s stride and count."""
    starts, steps = [0] * len(x.shape), [1] * len(x.shape)
    steps[axis], count = moved
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
    found = sliced(at, node, x, starts, steps, shape)
    for tap in taps[1:]:
        starts[axis] = tap
        part = sliced(at, node, x, starts, steps, shape)
        y = at.builder.tensor(f"{node.name}.{axis}.{tap}", shape, x.affine)
        found = chosen(at, node, (found, part), y, "Max")
    return found


@lowers("AveragePool")
def lower_avgpool(at: Lowering, node: SourceNode) -> None:
    """AveragePool: over the cells inside the image, or over all when padding is counted."""
    kernel = node.integers("kernel_shape") or ()
    dilations = dilations_of(node, len(kernel))
    window = window_of(at, node, dilated(kernel, dilations))
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
    if set(dilations) != {1}:
        even = counted or not any(window.pads)
        require(node, even, "dilations beside padding that is not counted", "count_include_pad")
        _add_mean(at, node, x, y, window, dilations)
        return
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


def _add_mean(
    at: Lowering, node: SourceNode, x: Tensor, y: Tensor, window: Window, dilations: Sequence[int]
) -> None:
    """The mean of cells that stand apart: a convolution of each channel, by weights of 1 and 0."""
    channels = x.shape[1]
    weight = np.zeros((channels, *window.kernel, 1), np.int8)
    down, across = (1,) * (_IMAGE - len(dilations)) + tuple(dilations)
    weight[:, ::down, ::across] = 1
    scale = np.ones(1) / np.count_nonzero(weight[0])
    ones = Weight(weight.astype(np.int64), scale)
    requant, start = linear_constants(ones, np.zeros(channels), x.affine, y.affine)
    at.builder.add(
        Conv(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            weight=weight,
            start=start,
            requant=requant,
            window=window,
            groups=channels,
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
    averaged(at, node, tuple(range(2, rank)), True)
