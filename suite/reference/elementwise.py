"""Elementwise operators."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.ops import Add, Mul, Unary
from tinyrig.suite.reference.call import Call, accumulator, defines
from tinyrig.suite.reference.requant import look_up, requantise, saturate


@defines(Unary)
def unary(call: Call[Unary]) -> torch.Tensor:
    """x of any shape through a table of 256 entries."""
    return look_up(call.operands[0].codes, call.node.lut)


@defines(Add)
def add(call: Call[Add]) -> torch.Tensor:
    """Sum or difference of two broadcast tensors."""
    node = call.node
    a, b = (operand.codes.long() for operand in call.operands)
    acc = accumulator(a * node.a_multiplier + b * node.b_multiplier + node.start, node.name)
    return saturate(acc >> node.shift, node.lo, node.hi)


@defines(Mul)
def mul(call: Call[Mul]) -> torch.Tensor:
    """Product of two broadcast tensors."""
    node = call.node
    a, b = (operand.codes.long() - operand.affine.zero_point for operand in call.operands)
    return requantise(accumulator(a * b + node.start, node.name), node.requant)
