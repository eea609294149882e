"""Operators that rearrange or repeat the cells of images: bytes move, none changes."""

from __future__ import annotations

import numpy as np

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.lower_layout import gathered, reshaped, transposed
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode

_ORDERS = {
    "DCR": ((1, 2), (0, 3, 4, 1, 5, 2)),
    "CRD": ((2, 3), (0, 1, 4, 2, 5, 3)),
}
"""By mode: where the two block axes stand among [N, ...] of 6 axes, and which order undoes them."""


@lowers("DepthToSpace")
def lower_depth_to_space(at: Lowering, node: SourceNode) -> None:
    """DepthToSpace in both modes, on images of two axes."""
    x = at.tensor(node.inputs[0])
    require(node, len(x.shape) == 4, f"an input of rank {len(x.shape)}", "[N, C, H, W]")
    mode = node.text("mode", "DCR")
    require(node, mode in _ORDERS, f"mode {mode!r}", "'DCR' or 'CRD'")
    size = node.integer("blocksize", 1)
    count, channels, high, wide = x.shape
    divides = size > 0 and channels % size**2 == 0
    require(node, divides, f"{channels} channels in blocks of {size}", "a multiple of its square")
    axes, perm = _ORDERS[mode]
    split = [count, channels // size**2, high, wide]
    for axis in axes:
        split.insert(axis, size)
    y = transposed(at, node, reshaped(at, node, x, tuple(split)), perm)
    at.bind(node.outputs[0], reshaped(at, node, y, at.value(node.outputs[0]).shape))


@lowers("SpaceToDepth")
def lower_space_to_depth(at: Lowering, node: SourceNode) -> None:
    """SpaceToDepth, on images of two axes."""
    x = at.tensor(node.inputs[0])
    require(node, len(x.shape) == 4, f"an input of rank {len(x.shape)}", "[N, C, H, W]")
    size = node.integer("blocksize", 1)
    count, channels, high, wide = x.shape
    divides = size > 0 and high % size == 0 and wide % size == 0
    require(node, divides, f"{high} x {wide} cells in blocks of {size}", "whole blocks")
    split = (count, channels, high // size, size, wide // size, size)
    y = transposed(at, node, reshaped(at, node, x, split), (0, 3, 5, 1, 2, 4))
    at.bind(node.outputs[0], reshaped(at, node, y, at.value(node.outputs[0]).shape))


@lowers("Resize")
def lower_resize(at: Lowering, node: SourceNode) -> None:
    """Resize to the nearest cell, by whole factors up: each cell repeated along its axes."""
    x = at.tensor(node.inputs[0])
    shape = at.value(node.outputs[0]).shape
    mode = node.text("mode", "nearest")
    require(node, mode == "nearest", f"mode {mode!r}", "mode 'nearest'")
    whole = all(out % extent == 0 for out, extent in zip(shape, x.shape, strict=True))
    whole &= _is_whole(at, node) and node.text("keep_aspect_ratio_policy", "stretch") == "stretch"
    require(node, whole, f"extents {list(x.shape)} to {list(shape)}", "whole factors up")
    require(node, _repeats(node), f"{_how(node)}", "rounding that repeats each cell evenly")
    y = x
    for axis, (out, extent) in enumerate(zip(shape, x.shape, strict=True)):
        if out != extent:
            cells = np.repeat(np.arange(extent), out // extent)
            y = gathered(at, node, y, axis, tuple(int(cell) for cell in cells))
    at.bind(node.outputs[0], y)


def _is_whole(at: Lowering, node: SourceNode) -> bool:
    """Whether all factors are whole numbers; extents instead of factors say it by themselves."""
    scales = at.constant(node.input(2))
    if scales is None or scales.data is None:
        return not node.input(2)
    return bool(np.all(scales.data == np.rint(scales.data)))


def _repeats(node: SourceNode) -> bool:
    """Whether the cell nearest to each place of a whole factor up is the one it lies in.

    With half-pixel centres the places lie evenly about each cell's own centre, at most half a
    cell away; with asymmetric ones from its centre on, so that only floor stays in it.
    """
    transform = node.text("coordinate_transformation_mode", "half_pixel")
    nearest = node.text("nearest_mode", "round_prefer_floor")
    if transform in ("half_pixel", "pytorch_half_pixel"):
        return nearest in ("round_prefer_floor", "round_prefer_ceil")
    return transform == "asymmetric" and nearest == "floor"


def _how(node: SourceNode) -> str:
    transform = node.text("coordinate_transformation_mode", "half_pixel")
    nearest = node.text("nearest_mode", "round_prefer_floor")
    return f"coordinate_transformation_mode {transform!r} and nearest_mode {nearest!r}"
