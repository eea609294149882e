"""The largest and the least over axes, and where they stand."""

from __future__ import annotations

import torch

from tinyrig.generator.operators.argmax import ArgMax
from tinyrig.generator.operators.reduce import Reduce
from tinyrig.suite.reference.call import Call, defines


@defines(Reduce)
def reduce(call: Call[Reduce]) -> torch.Tensor:
    """x of any shape; the affine does not change."""
    node = call.node
    extreme = torch.amin if node.least else torch.amax
    return extreme(call.operands[0].codes, dim=node.axes, keepdim=node.keepdims)


@defines(ArgMax)
def argmax(call: Call[ArgMax]) -> torch.Tensor:
    """x of any shape; of equal codes the first or the last along the axis."""
    node = call.node
    codes = call.operands[0].codes.long().movedim(node.axis, -1)
    length = codes.shape[-1]
    place = torch.arange(length)
    ranked = (-codes if node.least else codes) * length + (place if node.last else -place)
    found = ranked.argmax(dim=-1)
    found = found.unsqueeze(node.axis) if node.keepdims else found
    return (found + node.first).to(torch.int8)
