"""ECGformer: arrhythmia classification of one heartbeat (5 AAMI classes of MIT-BIH).

From the paper (section 4.7.3): one encoder block, S = 66, E = 16, P = 2, H = 8; Table 2 gives
0.97 M MACs. From its reference (Busia et al., IEEE TBCAS 2024, arXiv 2402.10748): 198 samples a
beat, 66 tokens of 3 samples without a class token, feed-forward width 128, mean over tokens, and
the two RR intervals through a linear layer beside the pooled tokens. With that reference's
tokenizer (one convolution of 3 samples) the network has 0.48 M MACs. Chosen here to reach
Table 2: a tokenizer of two convolutions (7 and 9 samples) and a maximum over each 3 samples.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tinyrig.suite.models.blocks import Encoder
from tinyrig.suite.models.dims import ECG
from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.seeding import Weights

SAMPLES = 198
INTERVALS = 2
CLASSES = 5
DIMS = ECG


class EcgFormer(nn.Module):
    """Beat [1, 1, 198] and RR intervals [1, 2] -> logits [1, 5]."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.stem = weights.conv1d(1, DIMS.E, 7, padding=3)
        self.patches = weights.conv1d(DIMS.E, DIMS.E, 9, padding=4)
        self.position = weights.table(DIMS.S, DIMS.E, std=0.6)
        self.encoder = Encoder(DIMS, 128, weights)
        self.norm = weights.norm(DIMS.E)
        self.intervals = weights.linear(INTERVALS, INTERVALS)
        self.head = weights.linear(DIMS.E + INTERVALS, CLASSES)

    def features(self, ecg: Tensor, rr: Tensor) -> Tensor:
        """Return what the head reads: the mean token and the projected intervals [1, E + 2]."""
        x = functional.relu(self.patches(functional.relu(self.stem(ecg))))
        tokens = functional.max_pool1d(x, 3).transpose(1, 2).reshape(DIMS.S, DIMS.E) + self.position
        pooled = self.norm(self.encoder(tokens)).mean(dim=0, keepdim=True)
        return torch.cat([pooled, self.intervals(rr)], dim=1)

    def forward(self, ecg: Tensor, rr: Tensor) -> Tensor:
        """Classify ecg [1, 1, 198] with rr [1, 2]."""
        logits: Tensor = self.head(self.features(ecg, rr))
        return logits


def ecgformer(entry: Entry) -> EcgFormer:
    """Return the network with the entry's seeded weights."""
    return EcgFormer(Weights(entry.seed))
