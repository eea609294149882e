"""Attention with deferred softmax: the probabilities are never rounded."""

from __future__ import annotations

import torch

from generator.graph.ops import Attention
from suite.reference.call import Call, accumulator, exact
from suite.reference.requant import requantise, row_scaled, saturate
from suite.reference.softmax import exponentials


def attention(call: Call[Attention]) -> torch.Tensor:
    """q [..., S, P], k [..., T, P], v [..., T, R] to [..., S, R]."""
    node = call.node
    q, k, v = call.operands
    products = exact(q.centred() @ k.centred().transpose(-1, -2))
    score = requantise(accumulator(products + node.score_start, node.name), node.score)
    e = exponentials(score, node.exp)
    acc = accumulator(exact(e.double() @ v.centred()), node.name)
    scaled = row_scaled(acc, e.sum(dim=-1, keepdim=True), node.value, node.name)
    return saturate(call.output.affine.zero_point + scaled, node.lo, node.hi)
