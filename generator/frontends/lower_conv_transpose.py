"""Transposed convolution: a convolution over the input with zeros between its cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.lower_layout import padded, reshaped, sliced
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.frontends.weights import Weight, bias_of, linear_constants, weight_of
from tinyrig.generator.frontends.window import AUTO_PADS, dilated, dilations_of
from tinyrig.generator.graph.ops import Conv, Window
from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.graph.tensor import Tensor

_IMAGE = 2


@lowers("ConvTranspose")
def lower_conv_transpose(at: Lowering, node: SourceNode) -> None:
    """As a Conv of the turned kernel, over the input with zeros between; constant weights."""
    constant = at.constant(node.inputs[1]) is not None
    require(node, constant, "weights computed at run time", "constant weights")
    shape, out = at.value(node.inputs[0]).shape, at.value(node.outputs[0]).shape
    axes = len(shape) - 2
    require(node, axes in (1, 2), f"an input of rank {len(shape)}", "1-D and 2-D (rank 3 and 4)")
    groups = node.integer("group", 1)
    weight = _turned(at, node, groups)
    strides = node.integers("strides") or (1,) * axes
    kernel = weight.codes.shape[2:]
    spread = tuple((n - 1) * step + 1 for n, step in zip(shape[2:], strides, strict=True))
    cut = _cut(node, [n + k - 1 for n, k in zip(spread, kernel, strict=True)], out[2:])
    begins = [k - 1 - pad for k, pad in zip(kernel, cut, strict=True)]
    ends = [o + k - 1 - n - b for o, k, n, b in zip(out[2:], kernel, spread, begins, strict=True)]
    x = _between(at, node, at.tensor(node.inputs[0]), strides, spread)
    # What no output sees is cut off, and what is wholly outside becomes cells of zeros.
    cuts = [max(-begin, 0) for begin in begins], [max(-end, 0) for end in ends]
    inner = [n - a - b for n, a, b in zip(spread, *cuts, strict=True)]
    x = sliced(at, node, x, [0, 0, *cuts[0]], [1] * len(shape), (*shape[:2], *inner))
    begins, ends = [max(begin, 0) for begin in begins], [max(end, 0) for end in ends]
    beyond = [max(end - k + 1, 0) for end, k in zip(ends, kernel, strict=True)]
    x = _zeros_behind(at, node, x, [0, 0, *beyond])
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


def _cut(node: SourceNode, reach: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
    """Return how much is cut off in front of all that the cells reach, an entry an axis."""
    auto = node.text("auto_pad", "NOTSET")
    require(node, auto in AUTO_PADS, f"auto_pad {auto!r}", ", ".join(AUTO_PADS))
    given = bool(node.integers("output_shape"))
    if auto == "NOTSET" and not given:
        return (node.integers("pads") or (0,) * (2 * len(reach)))[: len(reach)]
    if auto == "VALID" and not given:
        return (0,) * len(reach)
    more = node.integers("output_padding") or (0,) * len(reach)
    totals = [max(n + m - o, 0) for n, m, o in zip(reach, more, out, strict=True)]
    return tuple(total // 2 if auto == "SAME_UPPER" else (total + 1) // 2 for total in totals)


def _turned(at: Lowering, node: SourceNode, groups: int) -> Weight:
    """Return the weights [O, I / groups, ...] of the Conv: turned, with zeros where dilated."""
    given = weight_of(at, node, node.inputs[1], 1)
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
    # A scale for each channel of a group, which all groups share.
    return Weight(made, given.scale if given.scale.size == 1 else np.tile(given.scale, groups))


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
    filled = _zeros_behind(at, node, cells, [0, 0, *(n for step in strides for n in (0, step - 1))])
    extents = tuple(n * step for n, step in zip(x.shape[2:], strides, strict=True))
    joined = reshaped(at, node, filled, (*lead, *extents))
    return sliced(at, node, joined, [0] * len(x.shape), [1] * len(x.shape), (*lead, *spread))


def _zeros_behind(at: Lowering, node: SourceNode, x: Tensor, after: list[int]) -> Tensor:
    """Return `x` with cells of zero behind it."""
    return padded(at, node, x, [0] * len(after), after, x.affine.zero_point)
