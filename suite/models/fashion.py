"""The networks for Fashion-MNIST: one of TinyFormer's space, one of MCUFormer's, both trained.

`tinyrig train NAME --data fashion-mnist` makes the weights that `data` holds: matrices in half
precision, the rest in single, so that every host has the same.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from tinyrig.suite.models.dotnet import Dot, DotNet, DotShape, Transformer
from tinyrig.suite.models.entries import Entry
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
    patch=4,
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


def weights_file(name: str) -> Path:
    """Return where the kept weights of a network lie."""
    return Path(__file__).with_name("data") / f"{name.replace('-', '_')}.npz"


def tinyformer_fashion(_: Entry) -> DotNet | LowRankVit:
    """Return the network with its kept weights."""
    return _trained("tinyformer-fashion")


def mcuformer_fashion(_: Entry) -> DotNet | LowRankVit:
    """Return the network with its kept weights."""
    return _trained("mcuformer-fashion")


def _trained(name: str) -> DotNet | LowRankVit:
    network = untrained(name)
    state = network.state_dict()
    with np.load(weights_file(name)) as kept:
        state |= {key: torch.from_numpy(kept[key].astype(np.float32)) for key in kept.files}
    network.load_state_dict(state)
    with torch.no_grad():
        network.double().eval().fold()
    network.float()
    return network
