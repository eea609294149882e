"""Axes of strided operands as the fixed-size arrays of the parameter structs."""

from __future__ import annotations

from collections.abc import Sequence

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import Node
from tinyrig.generator.planning.view import View, merge_axes

MAX_AXES = 6
_BATCH_AXES = 2


def broadcast_strides(view: View, shape: Sequence[int], keep: int = 0) -> list[int]:
    """Return the strides that walk `view`, without its last `keep` axes, over `shape`.

    Axes are aligned at the end, as NumPy does; broadcast axes get stride 0.
    """
    stop = len(view.shape) - keep
    extents, strides = view.shape[:stop], view.strides[:stop]
    missing = len(shape) - len(extents)
    aligned = [
        0 if extent == 1 else stride for extent, stride in zip(extents, strides, strict=True)
    ]
    return [0] * missing + aligned


def leading(
    merged: Sequence[tuple[int, tuple[int, ...]]], axes: int, operands: int
) -> tuple[list[int], list[list[int]]]:
    """Return extents and, for every operand, strides, filled with leading axes of extent 1."""
    fill = axes - len(merged)
    extents = [1] * fill + [extent for extent, _ in merged]
    strides = [[0] * fill + [step[i] for _, step in merged] for i in range(operands)]
    return extents, strides


def block(views: Sequence[View], name: str) -> tuple[list[int], list[list[int]]]:
    """Merge the axes of broadcast operands (the last one is the output) into at most six.

    Raises UnsupportedError naming the step when more remain.
    """
    shape = views[-1].shape
    merged = merge_axes(shape, [broadcast_strides(view, shape) for view in views])
    if len(merged) > MAX_AXES:
        raise UnsupportedError(f"Step {name!r} walks {len(merged)} axes; kernels walk {MAX_AXES}.")
    return leading(merged, MAX_AXES, len(views))


def batched(node: Node, views: Sequence[View]) -> tuple[list[int], list[list[int]]]:
    """Merge the leading axes of views into two; return their extents and, a view, 4 strides."""
    shape = views[-1].shape[:-2]
    lead = [broadcast_strides(view, shape, keep=2) for view in views]
    merged = merge_axes(shape, lead)
    if len(merged) > _BATCH_AXES:
        raise UnsupportedError(
            f"Node {node.name!r}: batch axes {shape} in these layouts need more than two loops."
        )
    extents, strides = leading(merged, _BATCH_AXES, len(views))
    return extents, [
        [*outer, *view.strides[-2:]] for outer, view in zip(strides, views, strict=True)
    ]
