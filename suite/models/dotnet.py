"""TinyFormer's networks (Yang et al., arXiv 2311.01759, Fig. 3): DoTs, a pooling, two linears.

A DoT is a downsample module, MobileNetV2 modules and transformer modules. Each takes [N, channels,
rows, columns]; in training N is a batch, exported it is 1 and the encoder sees tokens [S, E].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import fusion

from tinyrig.suite.models.blocks import Encoder
from tinyrig.suite.models.dims import Dims
from tinyrig.suite.models.seeding import Weights

Down = Literal["conv", "pool"]
Pooling = Literal["seq", "average"]


@dataclass(frozen=True)
class Transformer:
    """A transformer module: `kernel` x `kernel` and 1x1 to the embedding, an encoder, and back."""

    embed: int
    heads: int
    kernel: int = 3
    ratio: int = 2
    """Of the feed-forward part's width to the embedding."""


@dataclass(frozen=True)
class Dot:
    """What a DoT is made of; `mobile` holds the expansion of each MobileNetV2 module."""

    down: Down
    channels: int
    mobile: tuple[int, ...]
    transformers: tuple[Transformer, ...]


@dataclass(frozen=True)
class DotShape:
    """A whole network for images [N, side, side, bands]; a `last` of 0 leaves that linear out."""

    side: int
    bands: int
    classes: int
    dots: tuple[Dot, ...]
    pooling: Pooling = "average"
    last: int = 512


class ConvBatch(nn.Module):
    """A convolution of odd kernel that pads by half of it, a BatchNorm, and ReLU if `active`."""

    def __init__(
        self,
        weights: Weights,
        channels: tuple[int, int],
        kernel: int,
        *,
        stride: int = 1,
        groups: int = 1,
        active: bool = True,
    ) -> None:
        super().__init__()
        conv = weights.window(*channels, (kernel, kernel), stride=stride, groups=groups)
        conv.padding = (kernel // 2, kernel // 2)
        self.conv = conv
        norm = nn.BatchNorm2d(channels[1])
        nn.init.ones_(norm.weight)
        self.norm: nn.Module = norm
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        out: Tensor = self.norm(self.conv(x))
        return functional.relu(out) if self.active else out

    def fold(self) -> None:
        """Make the BatchNorm a part of the weights."""
        if isinstance(self.norm, nn.BatchNorm2d):
            padding = self.conv.padding
            self.conv = fusion.fuse_conv_bn_eval(self.conv, self.norm)
            self.conv.padding = padding
            self.norm = nn.Identity()


class Downsample(nn.Module):
    """Half the rows and columns: a convolution of stride 2, or one of stride 1 and a max-pool."""

    def __init__(self, weights: Weights, inputs: int, outputs: int, how: Down) -> None:
        super().__init__()
        self.conv = ConvBatch(weights, (inputs, outputs), 3, stride=2 if how == "conv" else 1)
        self.pools = how == "pool"

    def forward(self, x: Tensor) -> Tensor:
        """Run the module."""
        out: Tensor = self.conv(x)
        return functional.max_pool2d(out, 2) if self.pools else out


class Mobile(nn.Module):
    """An inverted residual: channels are widened, filtered one by one, narrowed, and added."""

    def __init__(self, weights: Weights, channels: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        self.layers = nn.Sequential(
            ConvBatch(weights, (channels, wide), 1),
            ConvBatch(weights, (wide, wide), 3, groups=wide),
            ConvBatch(weights, (wide, channels), 1, active=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Run the module."""
        out: Tensor = x + self.layers(x)
        return out


class TransformerModule(nn.Module):
    """Convolutions to the embedding, an encoder with ReLU, and convolutions back."""

    def __init__(self, weights: Weights, channels: int, side: int, of: Transformer) -> None:
        super().__init__()
        self.side, self.embedding = side, of.embed
        dims = Dims(S=side * side, E=of.embed, P=of.embed // of.heads, H=of.heads)
        spatial = of.kernel > 1
        self.local = ConvBatch(weights, (channels, channels), of.kernel) if spatial else None
        self.embed = ConvBatch(weights, (channels, of.embed), 1, active=False)
        self.encoder = Encoder(dims, of.ratio * of.embed, weights, relu=True)
        self.project = ConvBatch(weights, (of.embed, channels), 1)
        self.fuse = ConvBatch(weights, (channels, channels), of.kernel) if spatial else None

    def forward(self, x: Tensor) -> Tensor:
        """Run the module."""
        maps = self.embed(x if self.local is None else self.local(x))
        maps = self._encoded(maps)
        out: Tensor = self.project(maps)
        return out if self.fuse is None else self.fuse(out)

    def _encoded(self, maps: Tensor) -> Tensor:
        if torch.jit.is_tracing():  # type: ignore[attr-defined,no-untyped-call]
            tokens = self.encoder(maps.reshape(self.embedding, -1).transpose(0, 1))
            out: Tensor = tokens.transpose(0, 1)
        else:
            tokens = torch.vmap(self.encoder)(maps.flatten(2).transpose(1, 2))
            out = tokens.transpose(1, 2)
        return out.reshape(-1, self.embedding, self.side, self.side)


class SeqPool(nn.Module):
    """The tokens' mean, each weighted as its score among them says (Hassani et al., CCT)."""

    def __init__(self, weights: Weights, channels: int) -> None:
        super().__init__()
        self.score = weights.linear(channels, 1)
        self.channels = channels

    def forward(self, maps: Tensor) -> Tensor:
        """Pool maps [N, channels, rows, columns] to [N, channels]."""
        tokens = maps.reshape(-1, self.channels, maps.shape[2] * maps.shape[3]).transpose(1, 2)
        shares = torch.softmax(self.score(tokens).transpose(1, 2), dim=-1)
        out: Tensor = torch.matmul(shares, tokens).reshape(-1, self.channels)
        return out


class DotNet(nn.Module):
    """Images [N, side, side, bands] -> logits [N, classes]."""

    def __init__(self, shape: DotShape, weights: Weights) -> None:
        super().__init__()
        self.shape = shape
        inputs, side, modules = shape.bands, shape.side, list[nn.Module]()
        for dot in shape.dots:
            modules.append(Downsample(weights, inputs, dot.channels, dot.down))
            inputs, side = dot.channels, -(-side // 2) if dot.down == "conv" else side // 2
            modules += [Mobile(weights, inputs, expansion) for expansion in dot.mobile]
            modules += [TransformerModule(weights, inputs, side, of) for of in dot.transformers]
        self.body = nn.Sequential(*modules)
        self.channels = inputs
        self.pool = SeqPool(weights, inputs) if shape.pooling == "seq" else None
        self.last = weights.linear(inputs, shape.last) if shape.last else None
        self.head = weights.linear(shape.last or inputs, shape.classes)

    def features(self, image: Tensor) -> Tensor:
        """Return what the head reads, [N, last]."""
        maps = self.body(image.permute(0, 3, 1, 2))
        pooled: Tensor = maps.mean(dim=(2, 3)) if self.pool is None else self.pool(maps)
        if self.last is None:
            return pooled
        out: Tensor = functional.relu(self.last(pooled))
        return out

    def forward(self, image: Tensor) -> Tensor:
        """Classify images [N, side, side, bands]."""
        logits: Tensor = self.head(self.features(image))
        return logits

    def fold(self) -> None:
        """Make every BatchNorm a part of the weights before it."""
        for layer in list(self.modules()):
            if isinstance(layer, ConvBatch):
                layer.fold()
