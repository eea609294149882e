"""Seeded weights that are the same on every host.

Only uniform draws are used: they come from the generator's integers by one exact scaling, while
normal draws go through vectorised logarithms that differ between processors.
"""

from __future__ import annotations

import math
from typing import TypeVar

import torch
from torch import Tensor, nn

# A ReLU halves the mean square of what it passes on.
_RELU_GAIN = math.sqrt(2.0)

_Layer = TypeVar("_Layer", nn.Linear, nn.Conv1d, nn.Conv2d)


class Weights:
    """Makes layers with weights drawn from an own generator; the global seed is never touched.

    Layers begin on the meta device, where torch's own initialisation draws nothing.
    """

    def __init__(self, seed: int) -> None:
        self._generator = torch.Generator(device="cpu")
        self._generator.manual_seed(seed)

    def table(self, *shape: int, std: float = 1.0, mean: float = 0.0) -> nn.Parameter:
        """Return a parameter of uniform draws with the given standard deviation and mean."""
        half_width = std * math.sqrt(3.0)
        draws = torch.rand(shape, generator=self._generator, dtype=torch.float32)
        return nn.Parameter(draws * (2.0 * half_width) - half_width + mean)

    def linear(self, inputs: int, outputs: int, gain: float = 1.0) -> nn.Linear:
        """Return a linear layer [inputs] -> [outputs]; unit inputs give outputs of std `gain`."""
        layer = nn.Linear(inputs, outputs, device="meta")
        return self._fill(layer, fan_in=inputs, gain=gain)

    def conv1d(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, padding: int = 0
    ) -> nn.Conv1d:
        """Return a 1-D convolution."""
        layer = nn.Conv1d(inputs, outputs, kernel, stride=stride, padding=padding, device="meta")
        return self._fill(layer, fan_in=inputs * kernel, gain=_RELU_GAIN)

    def conv2d(
        self, inputs: int, outputs: int, kernel: tuple[int, int], *, groups: int = 1
    ) -> nn.Conv2d:
        """Return a 2-D convolution of stride 1 that keeps the image's size (odd kernels)."""
        padding = (kernel[0] // 2, kernel[1] // 2)
        layer = nn.Conv2d(inputs, outputs, kernel, padding=padding, groups=groups, device="meta")
        fan_in = inputs // groups * kernel[0] * kernel[1]
        return self._fill(layer, fan_in=fan_in, gain=_RELU_GAIN)

    def window(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int],
        *,
        stride: int = 1,
        groups: int = 1,
        bias: bool = False,
        mean: float = 0.0,
    ) -> nn.Conv2d:
        """Return a 2-D convolution without padding; its weights' `mean` is in their deviations."""
        layer = nn.Conv2d(
            inputs, outputs, kernel, stride=stride, groups=groups, bias=bias, device="meta"
        )
        fan_in = inputs // groups * kernel[0] * kernel[1]
        return self._fill(layer, fan_in=fan_in, gain=_RELU_GAIN, mean=mean)

    def patches(self, inputs: int, outputs: int, size: int) -> nn.Conv2d:
        """Return a 2-D convolution over patches of size x size that do not overlap."""
        layer = nn.Conv2d(inputs, outputs, size, stride=size, device="meta")
        return self._fill(layer, fan_in=inputs * size * size, gain=_RELU_GAIN)

    def norm(self, width: int) -> nn.LayerNorm:
        """Return a layer normalisation over the last axis with gains around 1."""
        layer = nn.LayerNorm(width)
        layer.weight = self.table(width, mean=1.0, std=0.15)
        layer.bias = self.table(width, std=0.15)
        return layer

    def batch_norm(self, width: int) -> nn.BatchNorm2d:
        """Return a normalisation of channels with gains around 1 and no statistics yet."""
        layer = nn.BatchNorm2d(width)
        layer.weight = self.table(width, mean=1.0, std=0.3)
        layer.bias = self.table(width, std=0.3)
        return layer

    def _fill(self, layer: _Layer, *, fan_in: int, gain: float, mean: float = 0.0) -> _Layer:
        weight: Tensor = layer.weight
        std = gain / math.sqrt(fan_in)
        layer.weight = self.table(*weight.shape, std=std, mean=mean * std)
        if layer.bias is not None:
            layer.bias = self.table(weight.shape[0], std=0.1 * gain)
        return layer
