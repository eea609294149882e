"""A vision transformer of DeiT-tiny's size on an image as a camera delivers it (1000 classes).

From MCUFormer (the model it fits into 319 kB) and DeiT-tiny: a 240 x 240 image, 16 x 16 patches
and a class token make S = 226; E = 192, H = 3, P = 64, 12 encoder blocks, feed-forward width 768.
Its weights are seeded, so it has a size and a cost, and no accuracy. The image comes with its
channels interleaved, row by row; patches are the first thing that reads it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tinyrig.suite.models.blocks import Encoder
from tinyrig.suite.models.dims import VIT240
from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.seeding import Weights

SIDE = 240
PATCH = 16
CLASSES = 1000
DIMS = VIT240
_BLOCKS = 12


class Vit240(nn.Module):
    """Image [1, 240, 240, 3] -> logits [1, 1000]."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.patches = weights.patches(3, DIMS.E, PATCH)
        self.cls = weights.table(1, DIMS.E)
        self.position = weights.table(DIMS.S, DIMS.E, std=0.3)
        self.encoders = nn.Sequential(*(Encoder(DIMS, 4 * DIMS.E, weights) for _ in range(_BLOCKS)))
        self.norm = weights.norm(DIMS.E)
        self.head = weights.linear(DIMS.E, CLASSES)

    def features(self, image: Tensor) -> Tensor:
        """Return what the head reads: the normalised class token [1, E]."""
        maps = self.patches(image.permute(0, 3, 1, 2)).reshape(DIMS.E, DIMS.S - 1)
        x = torch.cat([self.cls, maps.transpose(0, 1)], dim=0) + self.position
        out: Tensor = self.norm(self.encoders(x)[:1])
        return out

    def forward(self, image: Tensor) -> Tensor:
        """Classify image [1, 240, 240, 3]."""
        logits: Tensor = self.head(self.features(image))
        return logits


def vit240(entry: Entry) -> Vit240:
    """Return the network with the entry's seeded weights."""
    return Vit240(Weights(entry.seed))
