"""Builds the torch module of a zoo entry: its network, with the head that its entry asks for."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.heads import Featured, centre_head, fit_head
from tinyrig.suite.models.signals import Sample


def build_module(entry: Entry, samples: Sequence[Sample], labels: NDArray[np.int64]) -> nn.Module:
    """Return the entry's float module in eval mode; samples and labels fit a seeded head."""
    place, _, function = entry.network.partition(":")
    networks = importlib.import_module(f"tinyrig.suite.models.{place}")
    module = cast("nn.Module", getattr(networks, function)(entry))
    if entry.head == "fitted":
        fit_head(cast("Featured", module), samples, labels)
    elif entry.head == "centred":
        centre_head(cast("Featured", module), samples)
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    return module.eval()
