"""Operators of the integer dialect: norms, softmaxes, quotients, convolutions that shift."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.requant import INT32_LIMIT, RangeError
from tinyrig.generator.operators.integer_divide import IntegerDivide
from tinyrig.generator.operators.integer_norm import IntegerNorm
from tinyrig.generator.operators.integer_softmax import IntegerSoftmax
from tinyrig.generator.operators.shift_conv import ShiftConv
from tinyrig.generator.operators.shift_softmax import FRACTION, ShiftSoftmax
from tinyrig.suite.reference.call import Call, accumulator, constant, defines
from tinyrig.suite.reference.conv import window_sums
from tinyrig.suite.reference.requant import saturate


@defines(IntegerNorm)
def integer_norm(call: Call[IntegerNorm]) -> torch.Tensor:
    """x [..., E]; about the cut mean of each row, or zero."""
    node = call.node
    (x,) = call.operands
    value = x.codes.long() - x.affine.zero_point
    length = value.shape[-1]
    if node.centred:
        value = value - _cut(value.sum(dim=-1, keepdim=True), length)
    squares = (value * value).sum(dim=-1, keepdim=True) // length + 1
    root = squares.double().sqrt().long()
    products = accumulator(value * constant(node.weight), node.name)
    scaled = accumulator(_cut(products, root) + constant(node.bias), node.name)
    return saturate(scaled >> node.shift, node.lo, node.hi)


@defines(IntegerSoftmax)
def integer_softmax(call: Call[IntegerSoftmax]) -> torch.Tensor:
    """x [..., L]; whole quotients of a table's entries."""
    node = call.node
    codes = call.operands[0].codes.long()
    powers = constant(node.exp)[codes.amax(dim=-1, keepdim=True) - codes]
    sums = powers.sum(dim=-1, keepdim=True)
    if int(sums.max()) >= 2 * INT32_LIMIT or int(powers.max()) * node.top >= 2 * INT32_LIMIT:
        raise RangeError(f"node {node.name!r}: a sum of exponentials leaves 32 bits")
    return saturate(powers * node.top // sums + call.output.affine.zero_point)


@defines(ShiftSoftmax)
def shift_softmax(call: Call[ShiftSoftmax]) -> torch.Tensor:
    """x [..., L] in groups; a group with a new maximum halves the sum of those before."""
    node = call.node
    codes = call.operands[0].codes.long()
    groups = codes.reshape(*codes.shape[:-1], -1, node.group)
    tops = groups.amax(dim=-1).cummax(dim=-1).values
    total = torch.zeros_like(tops[..., 0])
    before = torch.full_like(total, -128)
    for index in range(tops.shape[-1]):
        top = tops[..., index]
        part = _powers(top[..., None] - groups[..., index, :]).sum(dim=-1)
        total = (total >> _halvings(top - before)) + part
        before = top
    share = node.top * FRACTION // accumulator(total, node.name)
    shares = share[..., None] >> _halvings(before[..., None] - codes)
    return saturate(shares + call.output.affine.zero_point)


@defines(IntegerDivide)
def integer_divide(call: Call[IntegerDivide]) -> torch.Tensor:
    """Two broadcast tensors; cut downwards, or half away from zero."""
    node = call.node
    a, b = (operand.codes.long() - operand.affine.zero_point for operand in call.operands)
    above = accumulator(a * node.factor, node.name)
    below = accumulator(b * node.eta + node.eps, node.name)
    if node.rounded:
        half = torch.where(above < 0, -(below >> 1), below >> 1)
        quotient = _cut(accumulator(above + half, node.name), below)
    else:
        quotient = torch.div(above, below, rounding_mode="floor")
    moved = (quotient * node.multiplier + node.addend) >> node.shift
    return saturate(moved + call.output.affine.zero_point, node.lo, node.hi)


@defines(ShiftConv)
def shift_conv(call: Call[ShiftConv]) -> torch.Tensor:
    """x [N, C, H, W] or [N, C, W], as a Conv."""
    node = call.node
    (x,) = call.operands
    acc = accumulator(window_sums(node, x), node.name)
    multiplier, addend = (
        constant(each).reshape(-1, 1, 1) for each in (node.multiplier, node.addend)
    )
    moved = (acc * multiplier + addend) >> node.shift
    y = saturate(moved + call.output.affine.zero_point, node.lo, node.hi)
    return y.squeeze(2) if x.codes.dim() == 3 else y


def _cut(above: torch.Tensor, below: torch.Tensor | int) -> torch.Tensor:
    return torch.div(above, below, rounding_mode="trunc")


def _halvings(below: torch.Tensor) -> torch.Tensor:
    return (below + 16) >> 5


def _powers(below: torch.Tensor) -> torch.Tensor:
    return torch.full_like(below, FRACTION) >> _halvings(below)
