"""Convolution: 1-D and 2-D, grouped and depthwise."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.ops import Conv
from tinyrig.generator.operators.shift_conv import ShiftConv
from tinyrig.suite.reference.call import Call, Operand, accumulator, constant, defines, exact
from tinyrig.suite.reference.requant import look_up, requantise
from tinyrig.suite.reference.window import as_image, windows


@defines(Conv)
def conv(call: Call[Conv]) -> torch.Tensor:
    """x [N, C, H, W] to [N, O, out_h, out_w], or [N, C, W] to [N, O, out_w]."""
    node = call.node
    (x,) = call.operands
    acc = accumulator(window_sums(node, x), node.name)
    y = look_up(requantise(acc, node.requant, channel_axis=1), node.lut)
    return y.squeeze(2) if x.codes.dim() == 3 else y


def window_sums(node: Conv | ShiftConv, x: Operand) -> torch.Tensor:
    """Return the sums of x and the weights over windows, from their start, [N, O, out_h, out_w]."""
    cells = windows(as_image(x.codes).double(), node.window, x.affine.zero_point)
    batch, channels, out_h, out_w, kernel = cells.shape
    depth = channels // node.groups
    # [N, groups, positions, depth * kernel] times [groups, depth * kernel, O / groups].
    patches = cells.reshape(batch, node.groups, depth, out_h * out_w, kernel)
    patches = patches.transpose(2, 3).flatten(-2)
    weight = constant(node.weight, torch.float64).reshape(node.groups, -1, kernel, depth)
    matrix = weight.permute(0, 3, 2, 1).flatten(1, 2)
    total = exact(patches @ matrix).transpose(-1, -2).reshape(batch, -1, out_h, out_w)
    return total + constant(node.start).reshape(-1, 1, 1)
