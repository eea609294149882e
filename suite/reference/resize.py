"""Images between their cells."""

from __future__ import annotations

import torch

from tinyrig.generator.operators.resize import Resize, Taps
from tinyrig.suite.reference.call import Call, accumulator, constant, defines, exact
from tinyrig.suite.reference.requant import requantise


@defines(Resize)
def resize(call: Call[Resize]) -> torch.Tensor:
    """x [N, C, H, W]; a matrix of weights from either side, exact in float64."""
    node = call.node
    x = call.operands[0].codes.double()
    rows, columns = _matrix(node.rows, x.shape[2]), _matrix(node.columns, x.shape[3])
    total = exact(rows @ x @ columns.T) + node.start
    return requantise(accumulator(total, node.name), node.requant)


def _matrix(taps: Taps, cells: int) -> torch.Tensor:
    """Return the weights of every cell [outputs, cells]."""
    weight = constant(taps.weight, torch.float64)
    matrix = torch.zeros(len(weight), cells, dtype=torch.float64)
    places = constant(taps.first)[:, None] + torch.arange(weight.shape[1])
    return matrix.scatter_(1, places, weight)
