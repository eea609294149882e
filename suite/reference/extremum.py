"""The larger or the smaller of two tensors."""

from __future__ import annotations

import torch

from tinyrig.generator.operators.extremum import Extremum
from tinyrig.suite.reference.call import Call, accumulator, defines
from tinyrig.suite.reference.requant import saturate


@defines(Extremum)
def extremum(call: Call[Extremum]) -> torch.Tensor:
    """Two broadcast tensors, both rescaled before they are compared."""
    node = call.node
    a, b = (operand.codes.long() for operand in call.operands)
    left = accumulator(a * node.a_multiplier + node.a_start, node.name)
    right = accumulator(b * node.b_multiplier + node.b_start, node.name)
    chosen = torch.minimum(left, right) if node.least else torch.maximum(left, right)
    return saturate(chosen >> node.shift, node.lo, node.hi)
