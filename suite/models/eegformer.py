"""EEGformer: seizure detection from four temporal EEG channels (2 classes).

From the paper (section 4.7.2): S = 81, E = 32, P = 32, H = 8; Table 2 gives 7.35 M MACs. Chosen
here: 8 s at 256 Hz, and one overlapping patch convolution (kernel 64, stride 25: a quarter of a
second every tenth) that makes 80 tokens; a class token makes 81. One encoder block with a
feed-forward width of 128, the width published for the sister network on ECG.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tinyrig.suite.models.blocks import Encoder
from tinyrig.suite.models.dims import EEG
from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.seeding import Weights

CHANNELS = 4
SAMPLES = 2048
CLASSES = 2
DIMS = EEG


class EegFormer(nn.Module):
    """[1, 4, 2048] -> logits [1, 2]."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.patches = weights.conv1d(CHANNELS, DIMS.E, 64, stride=25)
        self.cls = weights.table(1, DIMS.E)
        self.position = weights.table(DIMS.S, DIMS.E, std=0.3)
        self.encoder = Encoder(DIMS, 128, weights)
        self.norm = weights.norm(DIMS.E)
        self.head = weights.linear(DIMS.E, CLASSES)

    def features(self, eeg: Tensor) -> Tensor:
        """Return what the head reads: the normalised class token [1, E]."""
        patches = self.patches(eeg).transpose(1, 2).reshape(DIMS.S - 1, DIMS.E)
        x = torch.cat([self.cls, patches], dim=0) + self.position
        out: Tensor = self.norm(self.encoder(x)[:1])
        return out

    def forward(self, eeg: Tensor) -> Tensor:
        """Classify eeg [1, 4, 2048]."""
        logits: Tensor = self.head(self.features(eeg))
        return logits


def eegformer(entry: Entry) -> EegFormer:
    """Return the network with the entry's seeded weights."""
    return EegFormer(Weights(entry.seed))
