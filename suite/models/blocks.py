"""The standard encoder: multi-head self-attention and the feed-forward part, pre-normalised.

Inside a network the batch axis is dropped (it is always 1), so tokens are [S, E] and every
linear layer exports as one Gemm with its bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.dims import Dims
from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.seeding import Weights

Activation = Callable[[Tensor], Tensor]

# A trained network attends to some tokens far more than to others. With unit queries and keys
# the scores would have a standard deviation of 1 and the attention would be close to a mean.
_QUERY_GAIN = 1.5


class Mhsa(nn.Module):
    """Multi-head self-attention [S, E] -> [S, E]: q, k, v are E -> H*P, the output H*P -> E.

    The factor 1/sqrt(P) is part of the query's weights, so the graph has no scaling operator.
    """

    def __init__(self, dims: Dims, weights: Weights) -> None:
        super().__init__()
        self.dims = dims
        width = dims.H * dims.P
        self.q = weights.linear(dims.E, width, gain=_QUERY_GAIN / math.sqrt(dims.P))
        self.k = weights.linear(dims.E, width)
        self.v = weights.linear(dims.E, width)
        self.out = weights.linear(width, dims.E)

    def forward(self, x: Tensor) -> Tensor:
        """Attend from every token of x [S, E] to all tokens."""
        S, P, H = self.dims.S, self.dims.P, self.dims.H
        q = self.q(x).reshape(S, H, P).permute(1, 0, 2)
        k = self.k(x).reshape(S, H, P).permute(1, 2, 0)
        v = self.v(x).reshape(S, H, P).permute(1, 0, 2)
        weights = torch.softmax(torch.matmul(q, k), dim=-1)
        heads = torch.matmul(weights, v)
        out: Tensor = self.out(heads.permute(1, 0, 2).reshape(S, H * P))
        return out


class FeedForward(nn.Module):
    """[S, E] -> [S, hidden], GELU or ReLU, -> [S, E]."""

    def __init__(self, width: int, hidden: int, weights: Weights, *, relu: bool = False) -> None:
        super().__init__()
        self.activation: Activation = functional.relu if relu else functional.gelu
        self.up = weights.linear(width, hidden)
        self.down = weights.linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """Transform each token of x [S, E] alone."""
        out: Tensor = self.down(self.activation(self.up(x)))
        return out


class Encoder(nn.Module):
    """One pre-normalised encoder block [S, E] -> [S, E] with two residual sums."""

    def __init__(self, dims: Dims, hidden: int, weights: Weights, *, relu: bool = False) -> None:
        super().__init__()
        self.norm1 = weights.norm(dims.E)
        self.mhsa = Mhsa(dims, weights)
        self.norm2 = weights.norm(dims.E)
        self.ff = FeedForward(dims.E, hidden, weights, relu=relu)

    def forward(self, x: Tensor) -> Tensor:
        """Run the block on x [S, E]."""
        x = x + self.mhsa(self.norm1(x))
        out: Tensor = x + self.ff(self.norm2(x))
        return out


class Alone(nn.Module):
    """A block as a model of its own: [1, S, E] -> [1, S, E]."""

    def __init__(self, block: Mhsa | Encoder, dims: Dims) -> None:
        super().__init__()
        self.block = block
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        """Run the block on x [1, S, E]."""
        S, E = self.dims.S, self.dims.E
        out: Tensor = self.block(x.reshape(S, E))
        return out.reshape(1, S, E)


def mhsa(entry: Entry) -> Alone:
    """Return an attention block of the entry's dimensions and seeded weights."""
    dims = _dims(entry)
    return Alone(Mhsa(dims, Weights(entry.seed)), dims)


def encoder(entry: Entry) -> Alone:
    """Return an encoder block of the entry's dimensions and seeded weights."""
    dims = _dims(entry)
    return Alone(Encoder(dims, 4 * dims.E, Weights(entry.seed)), dims)


def _dims(entry: Entry) -> Dims:
    if entry.dims is None:
        raise InputError(f"The zoo's {entry.network} is a block of S, E, P and H: give its dims.")
    return entry.dims
