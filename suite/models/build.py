"""Builds the torch module of a zoo entry: seeded weights, fitted head or trained weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tinyrig.suite.models.blocks import Alone, Encoder, Mhsa
from tinyrig.suite.models.ecgformer import EcgFormer
from tinyrig.suite.models.eegformer import EegFormer
from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.heads import Featured, centre_head, fit_head
from tinyrig.suite.models.seeding import Weights
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.models.tinyvit import TinyVit, load_trained
from tinyrig.suite.models.trformer import TrFormer
from tinyrig.suite.models.vit240 import Vit240

_NETWORKS = {"eegformer": EegFormer, "ecgformer": EcgFormer, "trformer": TrFormer}


def build_module(entry: Entry, samples: Sequence[Sample], labels: NDArray[np.int64]) -> nn.Module:
    """Return the entry's float module in eval mode; samples and labels fit a seeded head."""
    weights = Weights(entry.seed)
    if entry.network in _NETWORKS:
        module: nn.Module = _NETWORKS[entry.network](weights)
        fit_head(cast("Featured", module), samples, labels)
    elif entry.network == "tinyvit":
        module = TinyVit(weights)
        load_trained(module)
    elif entry.network == "vit240":
        module = Vit240(weights)
        centre_head(cast("Featured", module), samples)
    elif entry.network == "mhsa":
        module = Alone(Mhsa(entry.dims, weights), entry.dims)
    else:
        module = Alone(Encoder(entry.dims, 4 * entry.dims.E, weights), entry.dims)
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    return module.eval()
