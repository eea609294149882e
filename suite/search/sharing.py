"""Weights by name that candidates share, run through the plain module of each candidate.

A candidate's plain module says what is computed; its parameters come from the shared ones, whole or
in part. So what a supernet trains and what is extracted from it are one definition.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from tinyrig.suite.models.masks import block_mask
from tinyrig.suite.models.pruning import Sparsity
from tinyrig.suite.search.space import Config

AnyTensor = TypeVar("AnyTensor", bound=Tensor)
_DENSE: Mapping[str, Sparsity] = MappingProxyType({})
Naming = Callable[[Config, str], str]
"""The shared name of a plain module's parameter or buffer."""


class SharedWeights:
    """Shared tensors; those of a candidate are the leading parts of them that it needs."""

    def __init__(
        self,
        plain: Callable[[Config], nn.Module],
        naming: Naming,
        largest: list[Config],
    ) -> None:
        """Take the tensors of the `largest` candidates, which together have all of them."""
        self._plain, self._naming = plain, naming
        self._modules: dict[str, nn.Module] = {}
        self._parameters: dict[str, nn.Parameter] = {}
        self._buffers: dict[str, Tensor] = {}
        for config in largest:
            module = plain(config)
            for name, parameter in module.named_parameters():
                _keep(self._parameters, naming(config, name), nn.Parameter(parameter.detach()))
            for name, buffer in module.named_buffers():
                _keep(self._buffers, naming(config, name), buffer)

    def parameters(self) -> list[nn.Parameter]:
        """Return all parameters, to be trained."""
        return list(self._parameters.values())

    def forward(
        self,
        config: Config,
        pixels: Tensor,
        sparsity: Mapping[str, Sparsity] = MappingProxyType({}),
    ) -> Tensor:
        """Run a candidate on images, in training mode, without the blocks that it is to lose."""
        module = self._module(config)
        tensors = self._tensors(config, module)
        for layer, (share, block) in sparsity.items():
            weight = tensors[f"{layer}.weight"]
            rows = weight.detach().reshape(len(weight), -1).numpy()
            kept = block_mask(rows, block, share, "balanced").astype(np.float32)
            tensors[f"{layer}.weight"] = weight * torch.from_numpy(kept).reshape(weight.shape)
        logits: Tensor = functional_call(module, tensors, (pixels,))
        return logits

    def extract(self, config: Config) -> nn.Module:
        """Return a candidate as a plain module with a copy of its weights."""
        module = copy.deepcopy(self._module(config))
        tensors = self._tensors(config, module)
        module.load_state_dict({name: value.detach().clone() for name, value in tensors.items()})
        return module.eval()

    def state(self) -> dict[str, Tensor]:
        """Return everything shared, by name."""
        return {
            name: value.detach() for name, value in {**self._parameters, **self._buffers}.items()
        }

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take everything shared from `state`."""
        with torch.no_grad():
            for name, value in {**self._parameters, **self._buffers}.items():
                value.copy_(state[name])

    def _module(self, config: Config) -> nn.Module:
        key = repr(sorted(config.items()))
        if key not in self._modules:
            self._modules[key] = self._plain(config).train()
        return self._modules[key]

    def _tensors(self, config: Config, module: nn.Module) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for name, parameter in module.named_parameters():
            found[name] = _leading(self._parameters[self._naming(config, name)], parameter.shape)
        for name, buffer in module.named_buffers():
            found[name] = _leading(self._buffers[self._naming(config, name)], buffer.shape)
        return found


def _keep(kept: dict[str, AnyTensor], name: str, tensor: AnyTensor) -> None:
    """Keep a tensor unless a larger one has its name."""
    if name not in kept or kept[name].numel() < tensor.numel():
        kept[name] = tensor


def _leading(shared: Tensor, shape: Any) -> Tensor:
    """Return the first entries of a shared tensor along every axis."""
    if shared.shape == shape:
        return shared
    return shared[tuple(slice(0, extent) for extent in shape)]
