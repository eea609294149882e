"""One DoT of TinyFormer (Yang et al., arXiv 2311.01759, Fig. 3): convolutions, then an encoder.

Downsample (3x3), an inverted residual (MobileNetV2), and a transformer module: 3x3 and 1x1
convolutions to the embedding, an encoder with ReLU, 1x1 and 3x3 back. The embedding of 44 at
16 x 16 is the paper's best; 32 channels, expansion 4, two heads and a feed-forward part of twice
the embedding are chosen here, because the paper does not print them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tinyrig.suite.models.blocks import Encoder
from tinyrig.suite.models.dims import TINYFORMER
from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.normed import ConvNorm, Size, settled
from tinyrig.suite.models.seeding import Weights

DIMS = TINYFORMER
_CHANNELS = 32
_EXPANSION = 4
_HIDDEN = 2 * DIMS.E
_3X3, _1X1 = (3, 3), (1, 1)


class _InvertedResidual(nn.Module):
    """Channels are widened, filtered one by one, narrowed, and added to what came in."""

    def __init__(self, weights: Weights, size: Size) -> None:
        super().__init__()
        wide = _EXPANSION * _CHANNELS
        self.layers = nn.Sequential(
            ConvNorm(weights, (_CHANNELS, wide), _1X1, size),
            ConvNorm(weights, (wide, wide), _3X3, size, groups=wide),
            ConvNorm(weights, (wide, _CHANNELS), _1X1, size, active=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Run the block on x [1, 32, rows, columns]."""
        out: Tensor = x + self.layers(x)
        return out


class TinyFormer(nn.Module):
    """Image [N, 32, 32, 3] -> maps [N, 16, 16, 32]."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.down = ConvNorm(weights, (3, _CHANNELS), _3X3, (32, 32), stride=2)
        size = self.down.size
        self.residual = _InvertedResidual(weights, size)
        self.local = ConvNorm(weights, (_CHANNELS, _CHANNELS), _3X3, size)
        self.embed = ConvNorm(weights, (_CHANNELS, DIMS.E), _1X1, size, active=False)
        self.encoder = Encoder(DIMS, _HIDDEN, weights, relu=True)
        self.project = ConvNorm(weights, (DIMS.E, _CHANNELS), _1X1, size)
        self.fuse = ConvNorm(weights, (_CHANNELS, _CHANNELS), _3X3, size)
        self.size = size

    def forward(self, image: Tensor) -> Tensor:
        """Run the block on image [N, 32, 32, 3]; N is 1 but in training mode."""
        maps = self.embed(self.local(self.residual(self.down(image.permute(0, 3, 1, 2)))))
        if self.training:
            maps = torch.cat([*map(self._encoded, maps.split(1))])
        else:
            maps = self._encoded(maps)
        out: Tensor = self.fuse(self.project(maps)).permute(0, 2, 3, 1)
        return out

    def _encoded(self, maps: Tensor) -> Tensor:
        """Run the encoder on maps [1, 44, 16, 16]."""
        tokens = self.encoder(maps.reshape(DIMS.E, DIMS.S).transpose(0, 1))
        out: Tensor = tokens.transpose(0, 1).reshape(1, DIMS.E, *self.size)
        return out


def tinyformer(entry: Entry) -> TinyFormer:
    """Return the network with the entry's seeded weights and settled norms."""
    return settled(TinyFormer(Weights(entry.seed)), entry)
