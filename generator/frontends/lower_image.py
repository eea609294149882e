"""Operators that rearrange the cells of images: bytes move, none changes."""

from __future__ import annotations

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.lower_layout import reshaped, transposed
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
