"""QCDQ graphs of Brevitas: layers of its own, quantized where their author said so."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
import torch
from exporters.exporting import feeds_of, quiet
from exporters.family import FEWEST_BYTES, Family, Made

from tinyrig.generator.options import ALL

if TYPE_CHECKING:
    from torch import Tensor, nn

_INSTALL = "pip install brevitas==0.13.4 onnxoptimizer"


def _net(name: str) -> tuple[nn.Module, tuple[int, ...]]:
    """Return a network of Brevitas layers and the shape of its input."""
    import brevitas.nn as qnn
    from brevitas.quant import (
        Int8ActPerTensorFloat,
        Int8WeightPerChannelFloat,
        Int32Bias,
        Uint8ActPerTensorFloat,
    )
    from torch import nn

    weights: dict[str, Any] = {
        "weight_quant": Int8WeightPerChannelFloat, "bias_quant": Int32Bias,
        "return_quant_tensor": True,
    }  # fmt: skip

    def relu() -> nn.Module:
        return qnn.QuantReLU(act_quant=Uint8ActPerTensorFloat, return_quant_tensor=True)

    def identity() -> nn.Module:
        return qnn.QuantIdentity(act_quant=Int8ActPerTensorFloat, return_quant_tensor=True)

    class Cnn(nn.Module):
        def __init__(self, bits: int) -> None:
            super().__init__()
            self.first, self.act1, self.act2 = identity(), relu(), relu()
            self.conv1 = qnn.QuantConv2d(
                3, 8, 3, stride=2, padding=1, weight_bit_width=bits, **weights
            )
            self.conv2 = qnn.QuantConv2d(
                8, 8, 3, padding=1, groups=8, weight_bit_width=bits, **weights
            )
            self.last = qnn.QuantLinear(
                8 * 8 * 8,
                10,
                bias=True,
                weight_bit_width=bits,
                **{**weights, "return_quant_tensor": False},
            )

        def forward(self, x: Tensor) -> Tensor:
            x = self.act1(self.conv1(self.first(x)))
            x = self.act2(self.conv2(x))
            return self.last(torch.flatten(x, 1))

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.act, self.join = identity(), relu(), identity()
            self.conv1 = qnn.QuantConv2d(3, 3, 3, padding=1, **weights)
            self.last = qnn.QuantLinear(
                3, 4, bias=True, weight_quant=Int8WeightPerChannelFloat, return_quant_tensor=False
            )

        def forward(self, x: Tensor) -> Tensor:
            x = self.first(x)
            x = self.act(self.join(self.conv1(x)) + self.join(x))
            return self.last(torch.flatten(x.value if hasattr(x, "value") else x, 2).mean(2))

    class Transformer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.inner, self.third = identity(), identity(), identity()
            self.norm = nn.LayerNorm(16)
            plain = {"weight_quant": Int8WeightPerChannelFloat, "return_quant_tensor": False}
            self.q, self.k = (qnn.QuantLinear(16, 16, bias=True, **plain) for _ in range(2))
            self.v = qnn.QuantLinear(16, 16, bias=True, **plain)
            self.up = qnn.QuantLinear(16, 32, bias=True, **plain)
            self.down = qnn.QuantLinear(32, 16, bias=True, **plain)
            self.wide = identity()

        def forward(self, x: Tensor) -> Tensor:
            rows = self.inner(self.norm(x))
            scores = torch.softmax(self.q(rows) @ self.k(rows).transpose(1, 2) / 4.0, -1)
            x = x + scores @ self.v(rows)
            wide = self.wide(torch.nn.functional.gelu(self.up(self.third(x))))
            return x + self.down(wide)

    nets: dict[str, tuple[Any, tuple[int, ...]]] = {
        "cnn": (lambda: Cnn(8), (1, 3, 16, 16)),
        "cnn of 4 bits": (lambda: Cnn(4), (1, 3, 16, 16)),
        "residual": (Residual, (1, 3, 8, 8)),
        "transformer": (Transformer, (1, 8, 16)),
    }
    make, shape = nets[name]
    return make(), shape


def _made(name: str, dynamo: bool) -> Made:
    from brevitas.export import export_onnx_qcdq

    torch.manual_seed(3)
    net, shape = _net(name)
    with quiet(), torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        net.train()
        for _ in range(4):
            net(torch.randn(8, *shape[1:]))
        net.eval()
        path = Path(folder) / "model.onnx"
        options = {"dynamo": True, "external_data": False} if dynamo else {"dynamo": False}
        export_onnx_qcdq(net, torch.randn(shape), str(path), **options)
        model = onnx.load_model(path)
    return Made(model, feeds_of(model), FEWEST_BYTES if "4 bits" in name else ALL)


def families() -> list[Family]:
    """Return Brevitas's networks by the exporter it is made for, and one by the newer."""
    names = ("cnn", "cnn of 4 bits", "residual", "transformer")
    return [
        Family(
            "brevitas",
            ("brevitas", "onnxoptimizer"),
            _INSTALL,
            {name: partial(_made, name, False) for name in names},
        )
    ]
