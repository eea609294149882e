"""The window of a convolution or pool: kernel, strides and explicit pads, 1-D as 2-D."""

from __future__ import annotations

from collections.abc import Sequence

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.graph.ops import Window

AUTO_PADS = ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")


def dilated(kernel: Sequence[int], dilations: Sequence[int]) -> tuple[int, ...]:
    """Return the extents of a kernel whose cells stand apart."""
    return tuple((k - 1) * apart + 1 for k, apart in zip(kernel, dilations, strict=True))


def dilations_of(node: SourceNode, axes: int) -> tuple[int, ...]:
    """Return how far the cells of a node's window stand apart, by axis."""
    return node.integers("dilations") or (1,) * axes


def window_of(at: Lowering, node: SourceNode, kernel: tuple[int, ...]) -> Window:
    """Return the window a node moves over its first input [N, C, W] or [N, C, H, W].

    The bottom and right pads are those the output's extent needs: more where ceil_mode lets the
    last window hang over, fewer where a stride leaves cells over; `kernel` is how far a window
    reaches, with its dilations. Raises UnsupportedError for other ranks, negative pads and windows
    that lie outside the image.
    """
    shape, out = at.value(node.inputs[0]).shape[2:], at.value(node.outputs[0]).shape[2:]
    axes = len(shape)
    require(node, axes in (1, 2), f"an input of rank {axes + 2}", "1-D and 2-D (rank 3 and 4)")
    strides = node.integers("strides") or (1,) * axes
    begins = _begins(node, shape, out, kernel, strides)
    require(node, min(begins) >= 0, f"pads {list(begins)}", "pads of 0 or more")
    ends = []
    for extent, count, size, stride, begin in zip(shape, out, kernel, strides, begins, strict=True):
        last = (count - 1) * stride - begin
        inside = last < extent and begin < size
        require(node, inside, "a window wholly in its padding", "windows that touch the image")
        ends.append(max(last + size - extent, 0))
    flat = (1,) * (2 - axes)
    zero = (0,) * (2 - axes)
    top, left = (*zero, *begins)
    bottom, right = (*zero, *ends)
    high, wide = (*flat, *kernel)
    down, across = (*flat, *strides)
    return Window(kernel=(high, wide), strides=(down, across), pads=(top, left, bottom, right))


def _begins(
    node: SourceNode,
    shape: tuple[int, ...],
    out: tuple[int, ...],
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
) -> tuple[int, ...]:
    """Return the pads in front of each axis."""
    auto = node.text("auto_pad", "NOTSET")
    require(node, auto in AUTO_PADS, f"auto_pad {auto!r}", ", ".join(AUTO_PADS))
    if auto == "NOTSET":
        pads = node.integers("pads") or (0,) * (2 * len(shape))
        require(node, min(pads) >= 0, f"pads {list(pads)}", "pads of 0 or more")
        return pads[: len(shape)]
    if auto == "VALID":
        return (0,) * len(shape)
    totals = [
        max((count - 1) * stride + size - extent, 0)
        for extent, count, size, stride in zip(shape, out, kernel, strides, strict=True)
    ]
    if node.op != "Conv":
        narrow = all(size >= stride for size, stride in zip(kernel, strides, strict=True))
        require(node, narrow, f"auto_pad {auto} with strides beyond its kernel", "explicit pads")
        # ONNX Runtime takes a dilated pool's kernel as if it were not, ONNX does not.
        dense = set(dilations_of(node, len(shape))) == {1}
        require(node, dense, f"auto_pad {auto} with dilations", "explicit pads")
    return tuple(total // 2 if auto == "SAME_UPPER" else (total + 1) // 2 for total in totals)
