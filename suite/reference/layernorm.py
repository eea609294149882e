"""LayerNorm and RMSNorm over the last axis."""

from __future__ import annotations

import torch

from generator.graph.ops import LayerNorm
from generator.graph.requant import RangeError
from suite.reference.bits import inverse_sqrt
from suite.reference.call import Call, accumulator, constant
from suite.reference.requant import requantise

VARIANCE_LIMIT = 2**62


def layernorm(call: Call[LayerNorm]) -> torch.Tensor:
    """x [..., E]; mean (0 where not centred) and variance of each row in integers."""
    node = call.node
    codes = call.operands[0].codes.long()
    length = codes.shape[-1]
    if not node.centred:
        codes = codes - call.operands[0].affine.zero_point
    squares = length * (codes * codes).sum(dim=-1, keepdim=True)
    total = codes.sum(dim=-1, keepdim=True) if node.centred else torch.zeros_like(squares)
    spread = squares - total * total
    if not 1 <= node.eps < VARIANCE_LIMIT - int(spread.max()):
        raise RangeError(f"node {node.name!r}: eps {node.eps} takes the variance outside 1..2^62")
    root, shift = inverse_sqrt(spread + node.eps)
    drop = shift - 16
    half = torch.ones_like(drop) << (drop - 1)
    factor = (length * root + half) >> drop
    offset = 2**15 - ((total * root + half) >> drop)
    normalised = (factor * codes + offset) >> 16
    acc = constant(node.start) + normalised * constant(node.gamma)
    return requantise(accumulator(acc, node.name), node.requant)
