"""Quotients of two tensors, and slopes of the negative half of one."""

from __future__ import annotations

import torch

from tinyrig.generator.operators.divide import Divide
from tinyrig.generator.operators.prelu import PRelu
from tinyrig.suite.reference.call import Call, accumulator, constant, defines
from tinyrig.suite.reference.requant import saturate


@defines(Divide)
def divide(call: Call[Divide]) -> torch.Tensor:
    """Two broadcast tensors; what is divided by a real 0 is 511 steps or more, by its sign."""
    node = call.node
    a, b = call.operands
    factors = constant(node.reciprocal)[b.codes.long() + 128]
    acc = (a.codes.long() - a.affine.zero_point) * factors + node.start
    return saturate(accumulator(acc, node.name) >> node.shift, node.lo, node.hi)


@defines(PRelu)
def prelu(call: Call[PRelu]) -> torch.Tensor:
    """A tensor and slopes that broadcast to it."""
    node = call.node
    x, slope = (operand.codes.long() - operand.affine.zero_point for operand in call.operands)
    factors = torch.where(x < 0, slope * node.negative, torch.tensor(node.positive))
    acc = accumulator(x * factors + node.start, node.name)
    return saturate(acc >> node.shift, node.lo, node.hi)
