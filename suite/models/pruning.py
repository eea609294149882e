"""Sparse weights while they are trained: blocks of a row that are held at zero."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from tinyrig.suite.models.masks import Kind, block_mask

Sparsity = tuple[float, int]
"""The share of blocks that are zero, and the weights in a block."""

_LEAST_COLUMNS = 8


def prunable(network: nn.Module) -> dict[str, nn.Linear | nn.Conv2d]:
    """Return the layers that sparse kernels run, by name: linear ones and 1x1 convolutions.

    Those of few columns, and those of few rows as a head has, stay dense.
    """
    found: dict[str, nn.Linear | nn.Conv2d] = {}
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d):
            fits = layer.kernel_size == (1, 1) and layer.groups == 1
        else:
            fits = isinstance(layer, nn.Linear) and not name.endswith("head")
        if fits and isinstance(layer, nn.Linear | nn.Conv2d):
            rows, columns = layer.weight.shape[:2]
            if min(rows, columns) >= _LEAST_COLUMNS:
                found[name] = layer
    return found


def masks(
    network: nn.Module, sparsity: Mapping[str, Sparsity], kind: Kind = "balanced"
) -> dict[str, Tensor]:
    """Return what is kept of each named layer's weights, by their size now."""
    layers = prunable(network)
    found = {}
    for name, (share, block) in sparsity.items():
        weight = layers[name].weight.detach()
        rows = weight.reshape(weight.shape[0], -1).cpu().numpy()
        mask = block_mask(rows, block, share, kind).astype(np.float32)
        found[name] = torch.from_numpy(mask).reshape(weight.shape).to(weight.device)
    return found


def apply(network: nn.Module, kept: Mapping[str, Tensor]) -> None:
    """Set to zero what the masks do not keep."""
    layers = prunable(network)
    with torch.no_grad():
        for name, mask in kept.items():
            layers[name].weight.mul_(mask)
