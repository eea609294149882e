"""Transposed convolution: a convolution over the input with zeros between its cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.lower_layout import reshaped, sliced
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.frontends.weights import Weight, bias_of, linear_constants, weight_of
from tinyrig.generator.frontends.window import dilated, dilations_of
from tinyrig.generator.graph.ops import Conv, Pad, Window
from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.graph.tensor import Tensor

_IMAGE = 2


@lowers("ConvTranspose")
def lower_conv_transpose(at: Lowering, node: SourceNode) -> None:
    """As a Conv of the turned kernel, over the input with zeros between; constant weights."""
    constant = at.constant(node.inputs[1]) is not None
    require(node, constant, "weights computed at run time", "constant weights")
    explicit = node.text("auto_pad", "NOTSET") == "NOTSET" and not node.integers("output_shape")
    require(node, explicit, "auto_pad or an output_shape", "explicit pads")
    shape, out = at.value(node.inputs[0]).shape, at.value(node.outputs[0]).shape
    axes = len(shape) - 2
    require(node, axes in (1, 2), f"an input of rank {len(shape)}", "1-D and 2-D (rank 3 and 4)")
    groups = node.integer("group", 1)
    weight = _turned(at, node, groups)
    strides = node.integers("strides") or (1,) * axes
    pads = node.integers("pads") or (0,) * (2 * axes)
    kernel = weight.codes.shape[2:]
    spread = tuple((n - 1) * step + 1 for n, step in zip(shape[2:], strides, strict=True))
    begins = [k - 1 - pad for k, pad in zip(kernel, pads[:axes], strict=True)]
    ends = [o + k - 1 - n - b for o, k, n, b in zip(out[2:], kernel, spread, begins, strict=True)]
    x = _between(at, node, at.tensor(node.inputs[0]), strides, spread)
    # What no output sees is cut off, and what is wholly outside becomes cells of zeros.
    cuts = [max(-begin, 0) for begin in begins], [max(-end, 0) for end in ends]
    inner = [n - a - b for n, a, b in zip(spread, *cuts, strict=True)]
    x = sliced(at, node, x, [0, 0, *cuts[0]], [1] * len(shape), (*shape[:2], *inner))
    begins, ends = [max(begin, 0) for begin in begins], [max(end, 0) for end in ends]
    beyond = [max(end - k + 1, 0) for end, k in zip(ends, kernel, strict=True)]
    x = _padded(at, node, x, [0, 0, *beyond])
    bias = bias_of(at, node, node.input(2), len(weight.codes))
    y = at.output(node.outputs[0])
    requant, start = linear_constants(weight, bias, x.affine, y.affine)
    flat = (1,) * (_IMAGE - axes)
    none = (0,) * (_IMAGE - axes)
    inside = [end - more for end, more in zip(ends, beyond, strict=True)]
    at.builder.add(
        Conv(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            weight=_laid(weight, axes),
            start=start,
            requant=requant,
            window=Window(kernel=(*flat, *kernel), pads=(*none, *begins, *none, *inside)),
            groups=groups,
        )
    )
    at.bind(node.outputs[0], y)


def _turned(at: Lowering, node: SourceNode, groups: int) -> Weight:
    """Return the weights [O, I / groups, ...] of the Conv: turned, with zeros where dilated."""
    given = weight_of(at, node, node.inputs[1], 1)
    single = groups == 1 or given.scale.size == 1
    require(node, single, "groups with a scale for each channel", "one scale for all")
    codes = np.moveaxis(given.codes, 0, 1)  # [I, O / groups, ...]
    inputs, outputs, *extents = codes.shape
    grouped = codes.reshape(groups, inputs // groups, outputs, *extents).swapaxes(1, 2)
    turned = np.flip(
        grouped.reshape(groups * outputs, inputs // groups, *extents), tuple(range(2, codes.ndim))
    )
    apart = dilations_of(node, len(extents))
    made = np.zeros((*turned.shape[:2], *dilated(extents, apart)), turned.dtype)
    places: tuple[Any, ...] = (..., *(slice(None, None, step) for step in apart))
    made[places] = turned
    return Weight(made, given.scale)


def _laid(weight: Weight, axes: int) -> Int8Array:
    codes = weight.codes if axes == _IMAGE else weight.codes[:, :, np.newaxis, :]
    laid: Int8Array = np.ascontiguousarray(codes.transpose(0, 2, 3, 1).astype(np.int8))
    return laid


def _between(
    at: Lowering, node: SourceNode, x: Tensor, strides: tuple[int, ...], spread: tuple[int, ...]
) -> Tensor:
    """Return `x` with zeros between its cells: each cell gets an axis, which is padded."""
    if all(step == 1 for step in strides):
        return x
    lead = x.shape[:2]
    cells = reshaped(at, node, x, (*lead, *(n for extent in x.shape[2:] for n in (extent, 1))))
    filled = _padded(at, node, cells, [0, 0, *(n for step in strides for n in (0, step - 1))])
    extents = tuple(n * step for n, step in zip(x.shape[2:], strides, strict=True))
    joined = reshaped(at, node, filled, (*lead, *extents))
    return sliced(at, node, joined, [0] * len(x.shape), [1] * len(x.shape), (*lead, *spread))


def _padded(at: Lowering, node: SourceNode, x: Tensor, after: list[int]) -> Tensor:
    """Return `x` with cells of zero behind it."""
    if not any(after):
        return x
    shape = tuple(n + more for n, more in zip(x.shape, after, strict=True))
    y = at.builder.tensor(f"{node.name}.zeros", shape, x.affine)
    at.builder.add(
        Pad(
            name=at.builder.node_name(f"{node.name}.zeros"),
            inputs=(x.name,),
            outputs=(y.name,),
            before=(0,) * len(shape),
            after=tuple(after),
            value=x.affine.zero_point,
        )
    )
    return y
