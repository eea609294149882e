"""Builds the torch module of a zoo entry: seeded weights, fitted head or trained weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import nn

from suite.models.blocks import Alone, Encoder, Mhsa
from suite.models.ecgformer import EcgFormer
from suite.models.eegformer import EegFormer
from suite.models.entries import Entry
from suite.models.heads import Featured, centre_head, fit_head
from suite.models.seeding import Weights
from suite.models.signals import Sample
from suite.models.tinyvit import TinyVit, load_trained
from suite.models.trformer import TrFormer
from suite.models.vit240 import Vit240

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
