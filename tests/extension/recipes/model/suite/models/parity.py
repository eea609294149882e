"""A network of two layers, as small as one can be."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.seeding import Weights


class Parity(nn.Module):
    """Bits [N, 8] -> logits [N, 2]."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.hidden = weights.linear(8, 16)
        self.out = weights.linear(16, 2)

    def forward(self, bits: Tensor) -> Tensor:
        """Run the network."""
        logits: Tensor = self.out(torch.relu(self.hidden(bits)))
        return logits


def parity(entry: Entry) -> Parity:
    """Return the network with the entry's seeded weights."""
    return Parity(Weights(entry.seed))
