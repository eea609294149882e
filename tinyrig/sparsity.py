"""Prune a PyTorch network in the blocks that Tinyrig's sparse kernels leave out.

Masks are torch's own (`torch.nn.utils.prune`): a layer trains `weight_orig` and computes with it
times `weight_mask`, so that no optimizer brings a pruned weight back. `finish` writes the zeros
into `weight` and takes the masks away; `tinyrig.run` and ONNX export read either. Only Linear and
Conv2d of one group are pruned: depthwise convolutions stay dense.

>>> import torch, tinyrig.sparsity
>>> net = torch.nn.Sequential(torch.nn.Linear(32, 16))
>>> tinyrig.sparsity.prune(net, 0.75)
>>> tinyrig.sparsity.sparsities(net)
{'0': 0.75}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils import prune as torch_prune

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.models.masks import Kind, block_mask
from tinyrig.suite.training.schedule import agp_sparsity

__all__ = [
    "Gradual",
    "Target",
    "apply_masks",
    "finish",
    "masks",
    "prune",
    "reestimate",
    "sparsities",
]

_WEIGHT, _MASK, _ORIGINAL = "weight", "weight_mask", "weight_orig"
_CONV_AXES = 4


@dataclass(frozen=True)
class Target:
    """How sparse a layer shall be: the share of its blocks to leave out, their size and choice.

    `blocks` are "4", "2" or "2x4", or "3" of a convolution three columns wide, as `--opt sparse=`
    names them; `kind` is "magnitude", the
    layer's smallest blocks, or "balanced", as many in every row.
    """

    sparsity: float
    blocks: str = "4"
    kind: Kind = "magnitude"

    def __post_init__(self) -> None:
        if f"sparse{self.blocks}" not in SPARSE_FORMATS:
            known = ", ".join(name.removeprefix("sparse") for name in SPARSE_FORMATS)
            raise InputError(f"Blocks are of {known}, not of {self.blocks!r}.")
        if self.kind not in get_args(Kind):
            raise InputError(f"Kinds are {', '.join(get_args(Kind))}, not {self.kind!r}.")
        if not isinstance(self.sparsity, int | float) or not 0.0 <= self.sparsity <= 1.0:
            raise InputError(f"A sparsity lies between 0 and 1, not at {self.sparsity}.")


def prune(
    module: nn.Module,
    target: float | Target | Mapping[str, float | Target],
    *,
    share: float = 1.0,
) -> None:
    """Mask the blocks of a network's layers, all at once; a mask that is there is made anew.

    `target` is for every layer, or by the name of `named_modules`; layers not named stay as they
    are. `share` scales all sparsities. InputError for a name of no layer that can be pruned.
    """
    for layer, wanted in _targets(module, target):
        _mask(layer, wanted, share * wanted.sparsity)


@dataclass
class Gradual:
    """Prunes step by step while a network trains: the cubic schedule of AGP.

    Call `step` after every step of the optimizer, or every epoch. From `begin` on, over `steps` of
    them, sparsity rises to the target's; masks are made anew every `every` of them.
    """

    module: nn.Module
    target: float | Target | Mapping[str, float | Target]
    steps: int
    begin: int = 0
    every: int = 1
    done: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.every < 1 or self.begin < 0:
            raise InputError("A gradual pruning takes a step or more, and begins at 0 or later.")
        list(_targets(self.module, self.target))

    def step(self) -> float:
        """Prune as far as the schedule is, and return the share of the target reached."""
        reached = agp_sparsity(self.done, 1.0, begin=self.begin, steps=self.steps)
        at = self.done - self.begin
        if 0 <= at <= self.steps and (at % self.every == 0 or at == self.steps):
            prune(self.module, self.target, share=reached)
        self.done += 1
        return reached


def finish(module: nn.Module) -> None:
    """Write the masks' zeros into the weights, and take the masks away."""
    for layer in _layers(module).values():
        if torch_prune.is_pruned(layer) and hasattr(layer, _MASK):
            torch_prune.remove(layer, _WEIGHT)  # type: ignore[no-untyped-call]


@torch.no_grad()
def reestimate(module: nn.Module, batches: Iterable[Tensor]) -> None:
    """Make the statistics of every BatchNorm anew: the mean over forward passes of `batches`.

    Pruning changes what a BatchNorm sees. Everything else stays as in inference.
    """
    norms = [one for one in module.modules() if isinstance(one, nn.modules.batchnorm._BatchNorm)]
    training = [(one, one.training) for one in module.modules()]
    momenta = [norm.momentum for norm in norms]
    module.eval()
    try:
        for norm in norms:
            norm.reset_running_stats()
            norm.train()
            norm.momentum = None
        for batch in batches:
            module(batch)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        for one, mode in training:
            one.training = mode


def masks(module: nn.Module) -> dict[str, Tensor]:
    """Return the masks by the name of the weight they stand for in a finished `state_dict`."""
    return {
        f"{name}.{_WEIGHT}" if name else _WEIGHT: getattr(layer, _MASK).clone()
        for name, layer in _layers(module).items()
        if hasattr(layer, _MASK)
    }


def apply_masks(state: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a `state_dict` whose masked weights are zero. InputError for a mask of no entry."""
    if missing := sorted(set(found) - set(state)):
        raise InputError(f"The state has no {missing[0]!r} that a mask is for.")
    return {
        name: value * found[name].to(value) if name in found else value
        for name, value in state.items()
    }


def sparsities(module: nn.Module) -> dict[str, float]:
    """Return the share of zero weights of every layer that can be pruned."""
    return {
        name: float((layer.weight.detach() == 0).double().mean())
        for name, layer in _layers(module).items()
    }


def _layers(module: nn.Module) -> dict[str, nn.Linear | nn.Conv2d]:
    return {
        name: layer
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.groups == 1)
    }


def _targets(
    module: nn.Module, target: float | Target | Mapping[str, float | Target]
) -> Iterator[tuple[nn.Linear | nn.Conv2d, Target]]:
    layers = _layers(module)
    wanted = target if isinstance(target, Mapping) else dict.fromkeys(layers, target)
    for name, one in wanted.items():
        if name not in layers:
            raise InputError(f"There is no Linear or Conv2d of one group {name!r} to prune.")
        yield layers[name], one if isinstance(one, Target) else Target(one)


def _mask(layer: nn.Linear | nn.Conv2d, target: Target, sparsity: float) -> None:
    weight = getattr(layer, _ORIGINAL, layer.weight).detach()
    kept = torch.from_numpy(_rows_mask(weight, target, sparsity)).to(weight)
    if isinstance(layer, nn.Conv2d):
        n, channels, height, width = weight.shape
        if SPARSE_FORMATS[f"sparse{target.blocks}"].across:
            kept = kept.reshape(n, height, channels, width).permute(0, 2, 1, 3)
        else:
            kept = kept.reshape(n, height, width, channels).permute(0, 3, 1, 2)
    kept = kept.reshape(weight.shape).contiguous()
    if hasattr(layer, _MASK):
        getattr(layer, _MASK).copy_(kept)
        layer.weight = getattr(layer, _ORIGINAL) * kept
    else:
        torch_prune.custom_from_mask(  # type: ignore[no-untyped-call]
            layer, _WEIGHT, kept
        )


def _rows_mask(weight: Tensor, target: Target, sparsity: float) -> NDArray[np.bool_]:
    """The mask of a layer's rows as the kernels read them: channels last, or as blocks lie."""
    form = SPARSE_FORMATS[f"sparse{target.blocks}"]
    if form.across and (weight.ndim != _CONV_AXES or weight.shape[-1] != form.size):
        raise InputError(
            f"Blocks of {target.blocks} lie along kernels of so many columns, and this layer's "
            f"weights are {'x'.join(map(str, weight.shape))}."
        )
    order = (0, 2, 1, 3) if form.across else (0, 2, 3, 1)
    ordered = weight.permute(order) if weight.ndim == _CONV_AXES else weight
    rows = ordered.reshape(len(weight), -1).cpu().double().numpy()
    return block_mask(rows, form.size, sparsity, target.kind, shared=form.rows, step=form.step)
