"""The four reference networks of MLPerf Tiny (mlcommons/tiny, benchmark/training), seeded.

Layer by layer as the public definitions have them, with TensorFlow's `same` padding and the
softmax at the end; dropout is nothing at inference. Inputs come as there: [N, rows, columns,
channels].
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.normed import ConvNorm, DenseNorm, Size, settled
from tinyrig.suite.models.seeding import Weights

_3X3, _1X1 = (3, 3), (1, 1)
_VWW_CHANNELS = (8, 16, 32, 32, 64, 64, *(6 * [128]), 256, 256)
_VWW_STRIDED = {2, 4, 6, 12}
_AD_WIDTHS = (640, *(4 * [128]), 8, *(4 * [128]))


class _Classifier(nn.Module):
    """Maps of `size`, their mean over all places, one dense layer and the softmax."""

    head: nn.Linear
    size: Size

    def maps(self, x: Tensor) -> Tensor:
        """Return [N, C, rows, columns] of x [N, C, rows, columns]."""
        raise NotImplementedError

    def features(self, x: Tensor) -> Tensor:
        """Return what the head reads of x [N, rows, columns, channels]: [N, C]."""
        maps = self.maps(x.permute(0, 3, 1, 2))
        return functional.avg_pool2d(maps, self.size).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Classify x [N, rows, columns, channels]: the probabilities [N, classes]."""
        return torch.softmax(self.head(self.features(x)), dim=-1)


class _Residual(nn.Module):
    """Two 3x3 convolutions beside the input, or beside its 1x1 convolution where they stride."""

    def __init__(self, weights: Weights, channels: tuple[int, int], size: Size) -> None:
        super().__init__()
        inputs, outputs = channels
        stride = 1 if inputs == outputs else 2
        self.first = ConvNorm(weights, channels, _3X3, size, stride=stride)
        self.size = self.first.size
        self.second = ConvNorm(weights, (outputs, outputs), _3X3, self.size, active=False)
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1:
            self.shortcut = weights.window(inputs, outputs, _1X1, stride=stride, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        """Return the rectified sum."""
        return functional.relu(self.shortcut(x) + self.second(self.first(x)))


class ResNet8(_Classifier):
    """Image classification: image [N, 32, 32, 3] -> 10 probabilities."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.stem = ConvNorm(weights, (3, 16), _3X3, (32, 32))
        size, blocks = self.stem.size, []
        for channels in ((16, 16), (16, 32), (32, 64)):
            blocks.append(_Residual(weights, channels, size))
            size = blocks[-1].size
        self.blocks, self.size = nn.Sequential(*blocks), size
        self.head = weights.linear(64, 10)

    def maps(self, x: Tensor) -> Tensor:
        """Return [N, 64, 8, 8]."""
        out: Tensor = self.blocks(self.stem(x))
        return out


def _separable(
    weights: Weights, channels: tuple[int, int], size: Size, stride: int = 1
) -> nn.Sequential:
    """Return a 3x3 convolution of each channel and a 1x1 one across them."""
    inputs = channels[0]
    depth = ConvNorm(weights, (inputs, inputs), _3X3, size, stride=stride, groups=inputs)
    return nn.Sequential(depth, ConvNorm(weights, channels, _1X1, depth.size))


class DsCnn(_Classifier):
    """Keyword spotting: cepstrum [N, 49, 10, 1] -> 12 probabilities."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.stem = ConvNorm(weights, (1, 64), (10, 4), (49, 10), stride=2)
        self.size = self.stem.size
        self.blocks = nn.Sequential(*(_separable(weights, (64, 64), self.size) for _ in range(4)))
        self.head = weights.linear(64, 12)

    def maps(self, x: Tensor) -> Tensor:
        """Return [N, 64, 25, 5]."""
        out: Tensor = self.blocks(self.stem(x))
        return out


class MobileNet(_Classifier):
    """Visual wake words, MobileNetV1 of width 0.25: image [N, 96, 96, 3] -> 2 probabilities."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.stem = ConvNorm(weights, (3, 8), _3X3, (96, 96), stride=2)
        size, blocks = self.stem.size, []
        for index, channels in enumerate(pairwise(_VWW_CHANNELS)):
            stride = 2 if index + 1 in _VWW_STRIDED else 1
            blocks.append(_separable(weights, channels, size, stride))
            size = (size[0] // stride, size[1] // stride)
        self.blocks, self.size = nn.Sequential(*blocks), size
        self.head = weights.linear(256, 2)

    def maps(self, x: Tensor) -> Tensor:
        """Return [N, 256, 3, 3]."""
        out: Tensor = self.blocks(self.stem(x))
        return out


class Autoencoder(nn.Module):
    """Anomaly detection: five frames of 128 bands [N, 640] -> the same, through 8 values."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(DenseNorm(weights, *widths) for widths in pairwise(_AD_WIDTHS))
        )
        self.last = weights.linear(_AD_WIDTHS[-1], _AD_WIDTHS[0])

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct x [N, 640]."""
        out: Tensor = self.last(self.layers(x))
        return out


def image_classification(entry: Entry) -> ResNet8:
    """Return ResNet8 with the entry's seeded weights and settled norms."""
    return settled(ResNet8(Weights(entry.seed)), entry)


def keyword_spotting(entry: Entry) -> DsCnn:
    """Return DS-CNN with the entry's seeded weights and settled norms."""
    return settled(DsCnn(Weights(entry.seed)), entry)


def visual_wake_words(entry: Entry) -> MobileNet:
    """Return MobileNetV1 with the entry's seeded weights and settled norms."""
    return settled(MobileNet(Weights(entry.seed)), entry)


def anomaly_detection(entry: Entry) -> Autoencoder:
    """Return the autoencoder with the entry's seeded weights and settled norms."""
    return settled(Autoencoder(Weights(entry.seed)), entry)
