"""Operators that move bytes and compute nothing."""

from __future__ import annotations

import torch
from torch.nn import functional

from tinyrig.generator.graph.ops import Concat, Constant, Gather, Pad, Reshape, Slice, Transpose
from tinyrig.suite.reference.call import Call, constant, defines


@defines(Reshape)
def reshape(call: Call[Reshape]) -> torch.Tensor:
    """The same elements under the output's shape."""
    return call.operands[0].codes.reshape(call.output.shape)


@defines(Transpose)
def transpose(call: Call[Transpose]) -> torch.Tensor:
    """Output axis i is input axis perm[i]."""
    return call.operands[0].codes.permute(call.node.perm)


@defines(Slice)
def slice_(call: Call[Slice]) -> torch.Tensor:
    """Cells start + step * i along every axis, i below the output's extent."""
    codes = call.operands[0].codes
    for axis, (start, step) in enumerate(zip(call.node.starts, call.node.steps, strict=True)):
        picked = start + step * torch.arange(call.output.shape[axis])
        codes = codes.index_select(axis, picked)
    return codes


@defines(Concat)
def concat(call: Call[Concat]) -> torch.Tensor:
    """Inputs one after another along the node's axis."""
    return torch.cat([operand.codes for operand in call.operands], dim=call.node.axis)


@defines(Gather)
def gather(call: Call[Gather]) -> torch.Tensor:
    """Rows of constant indices along the node's axis."""
    return call.operands[0].codes.index_select(call.node.axis, torch.tensor(call.node.indices))


@defines(Pad)
def pad(call: Call[Pad]) -> torch.Tensor:
    """Cells of the node's value before and after, along every axis."""
    pairs = zip(reversed(call.node.before), reversed(call.node.after), strict=True)
    amounts = [amount for pair in pairs for amount in pair]
    return functional.pad(call.operands[0].codes, amounts, value=call.node.value)


@defines(Constant)
def constant_activation(call: Call[Constant]) -> torch.Tensor:
    """The node's data."""
    return constant(call.node.data, torch.int8)
