"""Linear: activations times a constant matrix."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.ops import Linear
from tinyrig.suite.reference.call import Call, accumulator, constant, defines, exact
from tinyrig.suite.reference.requant import look_up, requantise


@defines(Linear)
def linear(call: Call[Linear]) -> torch.Tensor:
    """x [..., K] to [..., N]."""
    node = call.node
    (x,) = call.operands
    total = exact(x.codes.double() @ constant(node.weight, torch.float64).T)
    acc = accumulator(total + constant(node.start), node.name)
    return look_up(requantise(acc, node.requant), node.lut)
