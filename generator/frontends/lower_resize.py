"""Resize: rows of the nearest cells, or sums over the cells around each output."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.lower_layout import gathered, reshaped, transposed
from tinyrig.generator.frontends.resampling import (
    NEAREST,
    TRANSFORMS,
    Axis,
    Between,
    nearest_cells,
    weights,
)
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators.resize import Resize, resizing, taps_of

_MODES = ("nearest", "linear", "cubic")
_IMAGE = 2


@lowers("Resize")
def lower_resize(at: Lowering, node: SourceNode) -> None:
    """To any extents; between cells (linear, cubic, antialias) along at most two axes."""
    mode = node.text("mode", "nearest")
    require(node, mode in _MODES, f"mode {mode!r}", ", ".join(_MODES))
    transform = node.text("coordinate_transformation_mode", "half_pixel")
    words = f"coordinate_transformation_mode {transform!r}"
    require(node, transform in TRANSFORMS, words, ", ".join(TRANSFORMS))
    x = at.tensor(node.inputs[0])
    axes = _axes(at, node, x)
    if mode == "nearest":
        rule = node.text("nearest_mode", "round_prefer_floor")
        require(node, rule in NEAREST, f"nearest_mode {rule!r}", ", ".join(NEAREST))
        rounds = rule.startswith("round") or transform != "half_pixel_symmetric"
        require(node, rounds, f"{words} and nearest_mode {rule!r}", "rounding to the nearest cell")
        for place, axis in axes.items():
            cells = nearest_cells(axis, transform, rule)
            x = gathered(at, node, x, place, tuple(int(cell) for cell in cells))
        at.bind(node.outputs[0], x)
        return
    found = f"{len(axes)} axes of other extents"
    require(node, len(axes) <= _IMAGE, found, "one or two for modes linear and cubic")
    _between(at, node, x, axes, transform)


def _axes(at: Lowering, node: SourceNode, x: Tensor) -> dict[int, Axis]:
    """Return the axes that do not stay as they are; none where no extent changes, whatever the
    factors, as in ONNX Runtime."""
    shape = at.value(node.outputs[0]).shape
    if shape == x.shape:
        return {}
    rank = len(shape)
    listed = [axis % rank for axis in node.integers("axes") or range(rank)]
    given = at.constant(node.input(2))
    ratios = {axis: shape[axis] / x.shape[axis] for axis in listed}
    policy = node.text("keep_aspect_ratio_policy", "stretch")
    if given is not None and given.data is not None and given.data.size:
        ratios = dict(zip(listed, given.data.reshape(-1).tolist(), strict=True))
    elif policy != "stretch":
        sizes = at.constant(node.input(3))
        assert sizes is not None and sizes.data is not None
        wanted = [
            size / x.shape[axis]
            for size, axis in zip(sizes.data.reshape(-1).tolist(), listed, strict=True)
        ]
        one = min(wanted) if policy == "not_larger" else max(wanted)
        ratios = dict.fromkeys(listed, one)
    return {
        axis: Axis(x.shape[axis], shape[axis], np.float32(ratio))
        for axis, ratio in ratios.items()
        if ratio != 1 or shape[axis] != x.shape[axis]
    }


def _between(
    at: Lowering, node: SourceNode, x: Tensor, axes: dict[int, Axis], transform: str
) -> None:
    """An image of the axes that are resized, which go to the end and back again."""
    how = Between(
        cubic=node.text("mode", "") == "cubic",
        coefficient=node.real("cubic_coeff_a", -0.75),
        antialias=bool(node.integer("antialias", 0)),
        exclude_outside=bool(node.integer("exclude_outside", 0)),
    )
    taps = {place: taps_of(weights(axis, transform, how)) for place, axis in axes.items()}
    rank, shape = len(x.shape), at.value(node.outputs[0]).shape
    moved = _image_axes(rank, sorted(axes))
    perm = (*(place for place in range(rank) if place not in moved), *moved)
    y = at.target(node.outputs[0])
    x = x if perm == tuple(range(rank)) else transposed(at, node, x, perm)
    image = reshaped(at, node, x, _as_image(x.shape, len(moved)))
    ends = _as_image([shape[place] for place in perm], len(moved))
    whole = [taps_of(np.eye(extent)) for extent in image.shape[2:]]
    whole[_IMAGE - len(moved) :] = [
        taps.get(place, one) for place, one in zip(moved, whole[_IMAGE - len(moved) :], strict=True)
    ]
    made = at.builder.tensor(node.outputs[0], ends, y)
    at.builder.add(
        Resize(
            name=at.builder.node_name(node.name),
            inputs=(image.name,),
            outputs=(made.name,),
            **resizing(whole[0], whole[1], image.affine, y),
        )
    )
    made = reshaped(at, node, made, tuple(shape[place] for place in perm))
    if perm != tuple(range(rank)):
        made = transposed(at, node, made, tuple(int(place) for place in np.argsort(perm)))
    at.bind(node.outputs[0], made)


def _image_axes(rank: int, resized: list[int]) -> list[int]:
    """Return the axes that become the image's: of an image [N, C, H, W] both."""
    if rank == _IMAGE + 2 and len(resized) < _IMAGE:
        more = [place for place in (3, 2) if place not in resized]
        return sorted([*resized, *more[: _IMAGE - len(resized)]])
    return resized


def _as_image(shape: Sequence[int], moved: int) -> tuple[int, ...]:
    """Return a shape as [N, C, H, W], the last `moved` axes its rows and columns."""
    outer, inner = list(shape[: len(shape) - moved]), list(shape[len(shape) - moved :])
    outer = [1] * (2 - len(outer)) + outer
    return (math.prod(outer[:-1]), outer[-1], *[1] * (_IMAGE - moved), *inner)
