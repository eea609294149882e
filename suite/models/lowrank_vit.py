"""MCUFormer's networks (Liang et al., NeurIPS 2023): a vision transformer, its MLPs of low rank.

An MLP's layer is U V x + b with U [outputs, r], V [r, inputs], where r is a share of the smaller
side (eq. 1); where that would be no smaller than one matrix, it is one matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tinyrig.suite.models.blocks import Mhsa
from tinyrig.suite.models.dims import Dims
from tinyrig.suite.models.seeding import Weights


@dataclass(frozen=True)
class VitShape:
    """A network for images [N, side, side, bands]; `heads` and `ratios` have one a block.

    Patches are `patch` x `patch` pixels, as many as fit; `width` is a head's.
    """

    side: int
    bands: int
    classes: int
    patch: int
    embed: int
    heads: tuple[int, ...]
    ratios: tuple[float, ...]
    rank: float
    width: int = 64

    @property
    def tokens(self) -> int:
        """Patches, and the class token."""
        return (self.side // self.patch) ** 2 + 1

    def hidden(self, block: int) -> int:
        """Return the width of a block's MLP."""
        return int(self.ratios[block] * self.embed)


def rank_of(share: float, inputs: int, outputs: int) -> int | None:
    """Return the rank of a layer of low rank, None where two matrices would hold no less."""
    rank = max(1, int(share * min(inputs, outputs)))
    return rank if rank * (inputs + outputs) < inputs * outputs else None


class LowRank(nn.Module):
    """A linear layer as two matrices with nothing between them."""

    def __init__(self, weights: Weights, inputs: int, outputs: int, rank: int) -> None:
        super().__init__()
        self.v = weights.linear(inputs, rank)
        self.v.register_parameter("bias", None)
        self.u = weights.linear(rank, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        out: Tensor = self.u(self.v(x))
        return out


def layer(weights: Weights, inputs: int, outputs: int, share: float) -> nn.Module:
    """Return a linear layer of low rank, or a whole one where that holds less."""
    rank = rank_of(share, inputs, outputs)
    if rank is None:
        return weights.linear(inputs, outputs)
    return LowRank(weights, inputs, outputs, rank)


class VitBlock(nn.Module):
    """A pre-normalised encoder on tokens [S, E] with GELU and an MLP of low rank."""

    def __init__(self, weights: Weights, dims: Dims, hidden: int, rank: float) -> None:
        super().__init__()
        self.norm1 = weights.norm(dims.E)
        self.mhsa = Mhsa(dims, weights)
        self.norm2 = weights.norm(dims.E)
        self.up = layer(weights, dims.E, hidden, rank)
        self.down = layer(weights, hidden, dims.E, rank)

    def forward(self, x: Tensor) -> Tensor:
        """Run the block on x [S, E]."""
        x = x + self.mhsa(self.norm1(x))
        out: Tensor = x + self.down(functional.gelu(self.up(self.norm2(x))))
        return out


class LowRankVit(nn.Module):
    """Images [N, side, side, bands] -> logits [N, classes]."""

    def __init__(self, shape: VitShape, weights: Weights) -> None:
        super().__init__()
        self.shape = shape
        self.patches = weights.patches(shape.bands, shape.embed, shape.patch)
        self.cls = weights.table(1, shape.embed)
        self.position = weights.table(shape.tokens, shape.embed, std=0.3)
        self.blocks = nn.Sequential(
            *(
                VitBlock(
                    weights,
                    Dims(S=shape.tokens, E=shape.embed, P=shape.width, H=heads),
                    shape.hidden(block),
                    shape.rank,
                )
                for block, heads in enumerate(shape.heads)
            )
        )
        self.norm = weights.norm(shape.embed)
        self.head = weights.linear(shape.embed, shape.classes)

    def features(self, image: Tensor) -> Tensor:
        """Return what the head reads: the normalised class tokens [N, E]."""
        maps = self.patches(image.permute(0, 3, 1, 2))
        if torch.jit.is_tracing():  # type: ignore[attr-defined,no-untyped-call]
            tokens = maps.reshape(self.shape.embed, self.shape.tokens - 1).transpose(0, 1)
            return self._encoded(tokens)
        encoded: Tensor = torch.vmap(self._encoded)(maps.flatten(2).transpose(1, 2))
        return encoded.squeeze(1)

    def _encoded(self, tokens: Tensor) -> Tensor:
        x = torch.cat([self.cls, tokens], dim=0) + self.position
        out: Tensor = self.norm(self.blocks(x)[:1])
        return out

    def forward(self, image: Tensor) -> Tensor:
        """Classify images [N, side, side, bands]."""
        logits: Tensor = self.head(self.features(image))
        return logits

    def fold(self) -> None:
        """Do nothing: this network has no BatchNorm."""
