"""Attention whose probabilities are never stored: rounded as if they were, or not at all."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.ops import Attention, Rounding
from tinyrig.suite.reference.call import Call, accumulator, defines, exact
from tinyrig.suite.reference.requant import requantise, row_scaled, saturate
from tinyrig.suite.reference.softmax import exponentials


@defines(Attention)
def attention(call: Call[Attention]) -> torch.Tensor:
    """q [..., S, P], k [..., T, P], v [..., T, R] to [..., S, R]."""
    node = call.node
    q, k, v = call.operands
    products = exact(q.centred() @ k.centred().transpose(-1, -2))
    score = requantise(accumulator(products + node.score_start, node.name), node.score)
    e = exponentials(score, node.exp)
    if node.rounding is not None:
        weights = _rounded(node, node.rounding, score, e)
        acc = exact(weights.double() @ v.centred()) + node.rounding.start
        return requantise(accumulator(acc, node.name), node.rounding.requant)
    sums = e.sum(dim=-1, keepdim=True)
    acc = accumulator(exact(e.double() @ v.centred()), node.name)
    scaled = row_scaled(acc, sums, node.value, node.name)
    return saturate(call.output.affine.zero_point + scaled, node.lo, node.hi)


def _rounded(
    node: Attention, rounding: Rounding, score: torch.Tensor, e: torch.Tensor
) -> torch.Tensor:
    """Return the codes of the probabilities [..., T], less their zero point."""
    summed = e if rounding.fine is None else exponentials(score, rounding.fine)
    sums = summed.sum(dim=-1, keepdim=True)
    scaled = row_scaled(accumulator(e << 8, node.name), sums, node.value, node.name)
    return saturate(rounding.zero_point + scaled).long() - rounding.zero_point
