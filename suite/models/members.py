"""Members of the two papers' search spaces near their published figures, with seeded weights.

TinyFormer (arXiv 2311.01759, Table I and IV): two DoTs on 32 x 32 images, block-sparse. MCUFormer
(NeurIPS 2023, appendix B.2): vision transformers of low rank on 240 x 240 images. Where a paper
leaves a choice open, it is the one that meets its memory with room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tinyrig.suite.models.dotnet import Dot, DotNet, DotShape, Transformer
from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.lowrank_vit import LowRankVit, VitShape
from tinyrig.suite.models.normed import settled
from tinyrig.suite.models.pruning import Sparsity, apply, masks, prunable
from tinyrig.suite.models.seeding import Weights

TINYFORMER_300K = DotShape(
    side=32,
    bands=3,
    classes=10,
    dots=(
        Dot("conv", 32, (4,), (Transformer(44, 1, 1, 2),)),
        Dot("conv", 96, (4,), (Transformer(192, 4, 3, 4), Transformer(192, 4, 1, 4))),
    ),
    last=1024,
)
TINYFORMER_120K = DotShape(
    side=32,
    bands=3,
    classes=10,
    dots=(
        Dot("conv", 24, (4,), (Transformer(32, 2, 1, 2),)),
        Dot("conv", 96, (4, 4), (Transformer(192, 4, 1, 4), Transformer(192, 4, 1, 4))),
    ),
    last=1024,
)
TINYFORMER_1M = DotShape(
    side=32,
    bands=3,
    classes=10,
    dots=(
        Dot("conv", 32, (4,), (Transformer(44, 1, 1, 2),)),
        Dot("conv", 96, (4,), (Transformer(192, 4, 1, 3), Transformer(192, 4, 1, 3))),
    ),
    last=1024,
)
"""More weights than an STM32F746 has bytes of flash; pruned, they fit with room."""
_PRUNED_1M = 0.64
"""Of the layers that can be sparse: 60 % of all weights."""

_SHARES = (0.6, 0.7, 0.6, 0.6, 0.6)
_PAIRS_FROM = 8
"""Every so many-th layer is sparse by pairs, where the distances in its rows are short."""


def mixed(network: DotNet) -> Mapping[str, Sparsity]:
    """Return about 60 % for every layer that can be sparse, in blocks of 4 and some of 2."""
    return {
        name: (_SHARES[n % len(_SHARES)], 2 if n % _PAIRS_FROM == _PAIRS_FROM - 1 else 4)
        for n, name in enumerate(prunable(network))
    }


def _sparse(
    shape: DotShape, entry: Entry, how: Callable[[DotNet], Mapping[str, Sparsity]] = mixed
) -> DotNet:
    network = DotNet(shape, Weights(entry.seed))
    apply(network, masks(network, how(network)))
    settled(network, entry).fold()
    return network


def tinyformer_300k(entry: Entry) -> DotNet:
    """Return the network with the entry's seeded, sparse weights and settled norms."""
    return _sparse(TINYFORMER_300K, entry)


def tinyformer_120k(entry: Entry) -> DotNet:
    """Return the network with the entry's seeded, sparse weights and settled norms."""
    return _sparse(TINYFORMER_120K, entry)


def tinyformer_1m(entry: Entry) -> DotNet:
    """Return the network with the entry's seeded weights, six in ten of them zero."""
    return _sparse(TINYFORMER_1M, entry, _even)


def _even(network: DotNet) -> Mapping[str, Sparsity]:
    return dict.fromkeys(prunable(network), (_PRUNED_1M, 4))


def _vit(patch: int, embed: int, heads: int, depth: int, ratio: float, rank: float) -> VitShape:
    return VitShape(240, 3, 1000, patch, embed, (heads,) * depth, (ratio,) * depth, rank)


MCUFORMER_F427 = _vit(32, 168, 3, 12, 3.5, 0.4)
MCUFORMER_F746 = _vit(24, 192, 3, 12, 4.0, 0.45)
MCUFORMER_H743 = _vit(16, 216, 4, 14, 4.0, 0.6)


def mcuformer_f427(entry: Entry) -> LowRankVit:
    """Return the network for 256 KB of RAM, with the entry's seeded weights."""
    return LowRankVit(MCUFORMER_F427, Weights(entry.seed))


def mcuformer_f746(entry: Entry) -> LowRankVit:
    """Return the network for 320 KB of RAM, with the entry's seeded weights."""
    return LowRankVit(MCUFORMER_F746, Weights(entry.seed))


def mcuformer_h743(entry: Entry) -> LowRankVit:
    """Return the network for 512 KB of RAM, with the entry's seeded weights."""
    return LowRankVit(MCUFORMER_H743, Weights(entry.seed))
