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
    """Order and merge the axes of broadcast operands (the last one is the output) into at most six.

    Elements are independent, so that they may be walked as the output lies in memory. An operand
    that lies otherwise gets its own innermost axis last but one: kernels turn those two.
    Raises UnsupportedError naming the step when more axes remain.
    """
    shape = views[-1].shape
    strides = [broadcast_strides(view, shape) for view in views]
    merged = _merged(shape, strides, _by_output(strides))
    turned = _turned(merged)
    if turned is not None:
        extents = [extent for extent, _ in merged]
        steps = [list(operand) for operand in zip(*(step for _, step in merged), strict=True)]
        merged = _merged(extents, steps, turned)
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


def _merged(
    shape: Sequence[int], strides: Sequence[Sequence[int]], order: Sequence[int]
) -> list[tuple[int, tuple[int, ...]]]:
    ordered = [[operand[axis] for axis in order] for operand in strides]
    return merge_axes([shape[axis] for axis in order], ordered)


def _by_output(strides: Sequence[Sequence[int]]) -> list[int]:
    """Axes from the largest stride of the output to the smallest; inputs decide between equals."""
    axes = range(len(strides[-1]))
    return sorted(axes, key=lambda axis: [-abs(operand[axis]) for operand in reversed(strides)])


def _turned(merged: Sequence[tuple[int, tuple[int, ...]]]) -> list[int] | None:
    """Return an order with the innermost axis of an input last but one, None if none lies so."""
    last = len(merged) - 1
    for index in range(len(merged[0][1]) - 1 if merged else 0):
        walked = [axis for axis, (_, step) in enumerate(merged) if step[index] != 0]
        inner = min(walked, key=lambda axis: abs(merged[axis][1][index]), default=last)
        if inner < last - 1:
            return [*(axis for axis in range(last) if axis != inner), inner, last]
        if inner != last:
            return None
    return None
