"""Matrix product of two activations."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.ops import MatMul
from tinyrig.suite.reference.call import Call, accumulator, defines, exact
from tinyrig.suite.reference.requant import look_up, requantise


@defines(MatMul)
def matmul(call: Call[MatMul]) -> torch.Tensor:
    """a [..., M, K] times b [..., K, N]; batch axes broadcast."""
    node = call.node
    a, b = call.operands
    acc = accumulator(exact(a.centred() @ b.centred()) + node.start, node.name)
    return look_up(requantise(acc, node.requant), node.lut)
