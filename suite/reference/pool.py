"""Pooling over windows, and the mean over axes."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.ops import AvgPool, MaxPool, Mean, Window
from tinyrig.generator.graph.requant import RangeError
from tinyrig.generator.graph.tensor import INT8_MIN
from tinyrig.suite.reference.call import Call, accumulator, constant, defines
from tinyrig.suite.reference.requant import requantise, saturate
from tinyrig.suite.reference.window import as_image, cells_inside, windows


@defines(MaxPool)
def maxpool(call: Call[MaxPool]) -> torch.Tensor:
    """x [N, C, H, W] or [N, C, W]; the affine does not change."""
    node = call.node
    codes = call.operands[0].codes
    image = as_image(codes)
    _counts(image, node.window, node.name)
    y = windows(image, node.window, INT8_MIN).amax(dim=-1)
    return y.squeeze(2) if codes.dim() == 3 else y


@defines(AvgPool)
def avgpool(call: Call[AvgPool]) -> torch.Tensor:
    """x [N, C, H, W] or [N, C, W]; the divisor is the count of cells."""
    node = call.node
    (x,) = call.operands
    image = as_image(x.codes.long() - x.affine.zero_point)
    counts = _counts(image, node.window, node.name)
    if node.count_include_pad:
        counts = torch.full_like(counts, node.window.kernel[0] * node.window.kernel[1])
    acc = accumulator(windows(image, node.window, 0).sum(dim=-1), node.name)
    multiplier = constant(node.multiplier)[counts - 1]
    scaled = (acc * multiplier + (1 << (node.shift - 1))) >> node.shift
    y = saturate(call.output.affine.zero_point + scaled)
    return y.squeeze(2) if x.codes.dim() == 3 else y


@defines(Mean)
def mean(call: Call[Mean]) -> torch.Tensor:
    """x of any shape, averaged over the node's axes."""
    node = call.node
    total = call.operands[0].codes.long().sum(dim=node.axes, keepdim=node.keepdims)
    return requantise(accumulator(total + node.start, node.name), node.requant)


def _counts(image: torch.Tensor, window: Window, name: str) -> torch.Tensor:
    counts = cells_inside(image, window)
    if int(counts.min()) < 1:
        raise RangeError(f"node {name!r}: a window lies wholly outside the image")
    return counts
