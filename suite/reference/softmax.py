"""Materialised softmax, and the exponentials it shares with attention."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray

from tinyrig.generator.graph.ops import Softmax
from tinyrig.suite.reference.call import Call, accumulator, constant, defines
from tinyrig.suite.reference.requant import row_scaled, saturate

_NO_SCORE = -129


def exponentials(codes: torch.Tensor, table: NDArray[Any]) -> torch.Tensor:
    """Return table[max - code] as int64 for rows of int8 codes [..., L]."""
    wide = codes.long()
    return constant(table)[wide.amax(dim=-1, keepdim=True) - wide]


@defines(Softmax)
def softmax(call: Call[Softmax]) -> torch.Tensor:
    """x of any shape, normalised over the node's axis and the scores its mask keeps."""
    node = call.node
    (x,) = call.operands
    codes = x.codes.movedim(node.axis, -1)
    kept = torch.ones_like(codes, dtype=torch.bool)
    if node.kept is not None:
        kept = torch.tensor(node.kept).movedim(node.axis, -1).expand(codes.shape)
    # A row without a score has only zeros: its sum and its largest do not matter.
    below = _below_largest(codes.long(), kept)
    e = constant(node.exp)[below] * kept
    summed = e if node.fine is None else constant(node.fine)[below] * kept
    least = int(node.exp[0] if node.fine is None else node.fine[0])
    sums = summed.sum(dim=-1, keepdim=True).clamp(min=least)
    scaled = row_scaled(accumulator(e << 8, node.name), sums, node.scale, node.name)
    return saturate(call.output.affine.zero_point + scaled).movedim(-1, node.axis)


def _below_largest(codes: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Return how far each kept score lies below the largest kept one of its row, 0 for others."""
    largest = codes.masked_fill(~kept, _NO_SCORE).amax(dim=-1, keepdim=True)
    return (largest - codes).masked_fill(~kept, 0)
