"""TR-Former: hand-gesture recognition from short-range radar (11 gestures).

From the paper (section 4.7.1 and figure 7): 3 tokenizer blocks (pointwise convolution, depthwise
convolution, pooling) and a linear layer make 5 time steps of 32 values; 6 encoder blocks, S = 5,
E = 32, P = 32, H = 8; a dense layer predicts at each time step; Table 2 gives 6.00 M MACs. Chosen
here: range-Doppler maps of 32 x 32 from two sensors (the data set's 492 range bins, averaged
down so that the tokenizer's buffers fit the smallest board), 8, 32 and 128 channels, depthwise
kernels 3 x 7, feed-forward width 128.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from tinyrig.suite.models.blocks import Encoder
from tinyrig.suite.models.dims import TR
from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.seeding import Weights

SENSORS = 2
SIDE = 32
CLASSES = 11
DIMS = TR
_WIDTHS = (8, 32, 128)


class TokenizerBlock(nn.Module):
    """[S, inputs, N, N] -> [S, outputs, N/2, N/2]."""

    def __init__(self, inputs: int, outputs: int, weights: Weights) -> None:
        super().__init__()
        self.pointwise = weights.conv2d(inputs, outputs, (1, 1))
        self.depthwise = weights.conv2d(outputs, outputs, (3, 7), groups=outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Mix channels, filter each channel, halve the map."""
        x = functional.relu(self.pointwise(x))
        return functional.max_pool2d(functional.relu(self.depthwise(x)), 2)


class TrFormer(nn.Module):
    """[1, 5, 2, 32, 32] -> logits of each time step [1, 5, 11]."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        inputs = (SENSORS, *_WIDTHS[:-1])
        self.tokenizer = nn.Sequential(
            *(TokenizerBlock(i, o, weights) for i, o in zip(inputs, _WIDTHS, strict=True))
        )
        side = SIDE >> len(_WIDTHS)
        self.embed = weights.linear(_WIDTHS[-1] * side * side, DIMS.E, gain=2.0)
        self.position = weights.table(DIMS.S, DIMS.E, std=0.3)
        self.encoders = nn.Sequential(*(Encoder(DIMS, 128, weights) for _ in range(6)))
        self.norm = weights.norm(DIMS.E)
        self.head = weights.linear(DIMS.E, CLASSES)

    def features(self, radar: Tensor) -> Tensor:
        """Return what the head reads: the normalised tokens [S, E]."""
        maps = self.tokenizer(radar.reshape(DIMS.S, SENSORS, SIDE, SIDE))
        tokens = self.embed(maps.flatten(1)) + self.position
        out: Tensor = self.norm(self.encoders(tokens))
        return out

    def forward(self, radar: Tensor) -> Tensor:
        """Classify each time step of radar [1, 5, 2, 32, 32]."""
        logits: Tensor = self.head(self.features(radar))
        return logits.reshape(1, DIMS.S, CLASSES)


def trformer(entry: Entry) -> TrFormer:
    """Return the network with the entry's seeded weights."""
    return TrFormer(Weights(entry.seed))
