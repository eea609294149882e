"""A vision transformer of finer patches begins as one of coarse patches was trained.

Its blocks are the same. Kernels of patches and the positions of tokens are pictures, made larger
or smaller (as in FlexiViT, arXiv 2212.08013, but by interpolation alone). Few tokens are cheap to
train with; many see more.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from tinyrig.suite.models.lowrank_vit import LowRankVit


def begin_from(fine: LowRankVit, coarse: LowRankVit) -> None:
    """Give a network what another one, that differs in its patches alone, has learned."""
    state = dict(coarse.state_dict())
    state["patches.weight"] = _kernels(state["patches.weight"], fine.shape.patch)
    state["position"] = _positions(state["position"], fine.shape.tokens - 1)
    fine.load_state_dict(state)


def _kernels(kernels: Tensor, size: int) -> Tensor:
    """Return kernels of another size; a patch of one grey is answered as before."""
    found = _resized(kernels, size) * (kernels.shape[-1] / size) ** 2
    sums, wanted = (each.sum(dim=(2, 3), keepdim=True) for each in (found, kernels))
    return found + (wanted - sums) / size**2


def _positions(position: Tensor, tokens: int) -> Tensor:
    """Return positions [1 + tokens, E]; the class token's stays."""
    own, patches = position[:1], position[1:]
    side = math.isqrt(len(patches))
    maps = patches.T.reshape(1, -1, side, side)
    found = _resized(maps, math.isqrt(tokens)).reshape(-1, tokens).T
    return torch.cat([own, found])


def _resized(maps: Tensor, side: int) -> Tensor:
    return functional.interpolate(maps, size=(side, side), mode="bilinear", align_corners=False)
