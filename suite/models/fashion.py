"""The networks for Fashion-MNIST: one of TinyFormer's space, one of MCUFormer's, both trained.

`tinyrig train NAME --data fashion-mnist` makes the weights that `data` holds. The images that
quantization observes are 160 of the training images, kept beside them (Xiao et al., MIT licence).
"""

from __future__ import annotations

from tinyrig.suite.models.dotnet import Dot, DotNet, DotShape, Transformer
from tinyrig.suite.models.lowrank_vit import LowRankVit, VitShape
from tinyrig.suite.models.seeding import Weights

TINYFORMER = DotShape(
    side=28,
    bands=1,
    classes=10,
    dots=(
        Dot("pool", 16, (2,), ()),
        Dot("conv", 48, (2,), (Transformer(64, 2, 3, 2),)),
    ),
    last=256,
)
MCUFORMER = VitShape(
    side=28,
    bands=1,
    classes=10,
    patch=7,
    embed=64,
    heads=(2, 2, 2, 2),
    ratios=(2.0, 2.0, 2.0, 2.0),
    rank=0.5,
    width=32,
)


def untrained(name: str) -> DotNet | LowRankVit:
    """Return a network of this module with seeded weights."""
    if name == "tinyformer-fashion":
        return DotNet(TINYFORMER, Weights(28))
    return LowRankVit(MCUFORMER, Weights(27))
