"""Attention with deferred softmax: the probabilities are limited, never rounded."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.exponentials import RowLimit
from tinyrig.generator.graph.ops import Attention
from tinyrig.suite.reference.call import Call, accumulator, exact
from tinyrig.suite.reference.requant import requantise, row_scaled, saturate
from tinyrig.suite.reference.softmax import exponentials


def attention(call: Call[Attention]) -> torch.Tensor:
    """q [..., S, P], k [..., T, P], v [..., T, R] to [..., S, R]."""
    node = call.node
    q, k, v = call.operands
    products = exact(q.centred() @ k.centred().transpose(-1, -2))
    score = requantise(accumulator(products + node.score_start, node.name), node.score)
    e = exponentials(score, node.exp)
    sums = e.sum(dim=-1, keepdim=True)
    weights = _limited(e, sums, node.limit)
    acc = accumulator(exact(weights.double() @ v.centred()), node.name)
    scaled = row_scaled(acc, sums, node.value, node.name)
    return saturate(call.output.affine.zero_point + scaled, node.lo, node.hi)


def _limited(e: torch.Tensor, sums: torch.Tensor, limit: RowLimit) -> torch.Tensor:
    """Return exponentials [..., T] of at most their share of their row's sum [..., 1]."""
    most = (sums * limit.share + 2**31) >> 32  # below 2^63: sums are int32, shares below 1
    return torch.where(sums < limit.below, torch.minimum(e, most), e)
