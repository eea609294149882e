"""Materialised softmax, and the exponentials it shares with attention."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from generator.graph.ops import Softmax
from suite.reference.call import Call, accumulator, constant
from suite.reference.requant import row_scaled, saturate


def exponentials(codes: torch.Tensor, table: NDArray[np.uint16]) -> torch.Tensor:
    """Return table[max - code] as int64 for rows of int8 codes [..., L]."""
    wide = codes.long()
    return constant(table)[wide.amax(dim=-1, keepdim=True) - wide]


def softmax(call: Call[Softmax]) -> torch.Tensor:
    """x of any shape, normalised over the node's axis."""
    node = call.node
    (x,) = call.operands
    e = exponentials(x.codes.movedim(node.axis, -1), node.exp)
    acc = accumulator(e << 8, node.name)
    scaled = row_scaled(acc, e.sum(dim=-1, keepdim=True), node.scale, node.name)
    return saturate(call.output.affine.zero_point + scaled).movedim(-1, node.axis)
