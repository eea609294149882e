"""Hardmax over the last axis."""

from __future__ import annotations

import torch
from tinyrig.generator.operators.hardmax import Hardmax

from tinyrig.suite.reference.call import Call, defines


@defines(Hardmax)
def hardmax(call: Call[Hardmax]) -> torch.Tensor:
    """x [..., L]: `one` at the first largest code of each row, `zero` elsewhere."""
    codes = call.operands[0].codes
    largest = codes == codes.amax(dim=-1, keepdim=True)
    first = largest & (largest.cumsum(dim=-1) == 1)
    return torch.where(first, call.node.one, call.node.zero).to(torch.int8)
