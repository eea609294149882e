"""A small vision transformer for the digits (8 x 8 pixels, 10 classes).

It is trained, so it has a real accuracy: `.ci/train_digits.py` makes the weights that
`data/tinyvit_digits.npz` holds (committed, so that the firmware is the same on every host).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from tinyrig.suite.models.blocks import Encoder
from tinyrig.suite.models.dims import DIGITS
from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.seeding import Weights

CLASSES = 10
DIMS = DIGITS
WEIGHTS_FILE = Path(__file__).with_name("data") / "tinyvit_digits.npz"


class TinyVit(nn.Module):
    """Image [1, 1, 8, 8] with values 0 to 1 -> logits [1, 10]; 2 x 2 patches, 2 blocks."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.patches = nn.Conv2d(1, DIMS.E, 2, stride=2, device="meta")
        self.patches.weight = weights.table(DIMS.E, 1, 2, 2, std=0.5)
        self.patches.bias = weights.table(DIMS.E, std=0.1)
        self.position = weights.table(DIMS.S, DIMS.E, std=0.3)
        self.encoders = nn.Sequential(*(Encoder(DIMS, 64, weights) for _ in range(2)))
        self.norm = weights.norm(DIMS.E)
        self.head = weights.linear(DIMS.E, CLASSES)

    def forward(self, image: Tensor) -> Tensor:
        """Classify image [1, 1, 8, 8]."""
        tokens = self.patches(image).reshape(DIMS.E, DIMS.S).transpose(0, 1)
        x = self.norm(self.encoders(tokens + self.position))
        logits: Tensor = self.head(x.mean(dim=0, keepdim=True))
        return logits


def tinyvit(entry: Entry) -> TinyVit:
    """Return the network with the committed weights."""
    model = TinyVit(Weights(entry.seed))
    with np.load(WEIGHTS_FILE) as stored:
        state = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
    model.load_state_dict(state)
    return model
