"""LayerNorm and RMSNorm over the last axis."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.norm import WIDEST_VARIANCE
from tinyrig.generator.graph.ops import LayerNorm
from tinyrig.generator.graph.requant import RangeError
from tinyrig.suite.reference.bits import inverse_sqrt
from tinyrig.suite.reference.call import Call, accumulator, constant, defines
from tinyrig.suite.reference.requant import requantise


@defines(LayerNorm)
def layernorm(call: Call[LayerNorm]) -> torch.Tensor:
    """x [..., E]; mean (the zero point where not centred) and variance of each row in integers."""
    node, norm = call.node, call.node.normaliser
    codes = call.operands[0].codes.long()
    length = codes.shape[-1]
    total = codes.sum(dim=-1, keepdim=True)
    zero = torch.full_like(total, length * call.operands[0].affine.zero_point)
    mean = total if node.centred else zero
    spread = length * (codes * codes).sum(dim=-1, keepdim=True) - mean * (2 * total - mean)
    most = (WIDEST_VARIANCE - 1 - norm.eps) >> norm.fraction
    if norm.eps < 1 or int(spread.max()) > most:
        raise RangeError(f"node {node.name!r}: eps {norm.eps} takes the variance outside 1..2^62")
    root, shift = inverse_sqrt((spread << norm.fraction) + norm.eps)
    drop = (shift - norm.raised).clamp(min=1)
    half = torch.ones_like(drop) << (drop - 1)
    factor = (length * root + half) >> drop
    offset = (half - mean * root) >> drop
    normalised = _wrapped(factor * codes + offset)
    acc = constant(node.start) + ((normalised * constant(node.gamma)) >> 32)
    return requantise(accumulator(acc, node.name), node.requant)


def _wrapped(value: torch.Tensor) -> torch.Tensor:
    """Return the low 32 bits as signed numbers."""
    return ((value + 2**31) & (2**32 - 1)) - 2**31
