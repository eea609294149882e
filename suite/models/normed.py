"""Layers with a BatchNorm, whose running statistics come from forward passes and are folded.

A seeded network has no training to take its statistics from: `settled` runs seeded inputs through
it once, in float64 on one thread, and keeps what each BatchNorm sees, rounded far above the noise
of a sum. So the folded weights have the spread of scales of real ones, the same on every host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import fusion

from tinyrig.suite.models.entries import Entry
from tinyrig.suite.models.seeding import Weights
from tinyrig.suite.reference.threads import one_thread

_BITS = 12
_MEAN_STEP = 2.0**-10

_SAMPLES = 40
_SEED = 3

_Network = TypeVar("_Network", bound=nn.Module)
Size = tuple[int, int]


def same_padding(extent: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return the zeros before and behind an axis of TensorFlow's `same`: the odd one is behind."""
    total = max(0, (-(-extent // stride) - 1) * stride + kernel - extent)
    return total // 2, total - total // 2


class _Convolution(torch.autograd.Function):
    """A 2-D convolution whose `zeros` (left, right, top, bottom) may differ by side.

    ONNX's Conv has them so. PyTorch's has not: it would export a Pad and how its widths are made.
    """

    @staticmethod
    def forward(
        _: object,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        zeros: tuple[int, int, int, int],
        stride: int,
        groups: int,
    ) -> Tensor:
        padded = functional.pad(x, zeros)
        return functional.conv2d(padded, weight, bias, stride=stride, groups=groups)

    @staticmethod
    def symbolic(
        graph: Any,
        x: Any,
        weight: Any,
        bias: Any,
        zeros: tuple[int, int, int, int],
        stride: int,
        groups: int,
    ) -> Any:
        left, right, top, bottom = zeros
        return graph.op(
            "Conv",
            x,
            weight,
            bias,
            pads_i=[top, left, bottom, right],
            strides_i=[stride, stride],
            group_i=groups,
        )


class ConvNorm(nn.Module):
    """A convolution with `same` padding and a BatchNorm, then ReLU unless it is not `active`.

    Takes [N, inputs, *size]; `size` is then that of its output.
    """

    def __init__(
        self,
        weights: Weights,
        channels: tuple[int, int],
        kernel: tuple[int, int],
        size: Size,
        *,
        stride: int = 1,
        groups: int = 1,
        active: bool = True,
    ) -> None:
        super().__init__()
        top, bottom = same_padding(size[0], kernel[0], stride)
        left, right = same_padding(size[1], kernel[1], stride)
        self.zeros = (left, right, top, bottom)
        self.size: Size = (-(-size[0] // stride), -(-size[1] // stride))
        # A filter of one channel whose weights had no mean would pass a smooth map's noise alone.
        mean = 1.0 if groups > 1 else 0.0
        self.conv = weights.window(*channels, kernel, stride=stride, groups=groups, mean=mean)
        self.norm: nn.Module = weights.batch_norm(channels[1])
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        conv = self.conv
        placed = (self.zeros, conv.stride[0], conv.groups)
        apply: Callable[..., Tensor] = _Convolution.apply
        out: Tensor = self.norm(apply(x, conv.weight, conv.bias, *placed))
        return functional.relu(out) if self.active else out

    def fold(self) -> None:
        """Make the BatchNorm a part of the weights."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fusion.fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


class DenseNorm(nn.Module):
    """A dense layer with a BatchNorm and ReLU: [N, inputs] -> [N, outputs]."""

    def __init__(self, weights: Weights, inputs: int, outputs: int) -> None:
        super().__init__()
        self.dense = weights.linear(inputs, outputs)
        drawn = weights.batch_norm(outputs)
        norm = nn.BatchNorm1d(outputs)
        norm.weight, norm.bias = drawn.weight, drawn.bias
        self.norm: nn.Module = norm

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        return functional.relu(self.norm(self.dense(x)))

    def fold(self) -> None:
        """Make the BatchNorm a part of the weights."""
        if isinstance(self.norm, nn.BatchNorm1d):
            self.dense = fusion.fuse_linear_bn_eval(self.dense, self.norm)
            self.norm = nn.Identity()


def settled(network: _Network, entry: Entry) -> _Network:
    """Take the statistics of a network's BatchNorms over seeded inputs, and fold them.

    The network takes its one input [1, ...] as [N, ...] too.
    """
    samples, _ = entry.dataset(_SAMPLES, _SEED)
    (name, _), *_ = entry.inputs
    inputs = torch.from_numpy(np.concatenate([sample[name] for sample in samples]))
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad(), one_thread():
        network.double().train()
        network(inputs.double())
        for norm in norms:
            mean, var = norm.running_mean, norm.running_var
            assert mean is not None and var is not None
            norm.running_mean = torch.round(mean / _MEAN_STEP) * _MEAN_STEP
            norm.running_var = _significant(var)
        network.eval()
        for layer in list(network.modules()):
            if isinstance(layer, ConvNorm | DenseNorm):
                layer.fold()
        network.float()
    return network


def _significant(values: Tensor) -> Tensor:
    mantissa, exponent = torch.frexp(values)
    return torch.ldexp(torch.round(torch.ldexp(mantissa, torch.tensor(_BITS))), exponent - _BITS)
