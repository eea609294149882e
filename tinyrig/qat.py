"""Quantize a PyTorch network as the kernels compute, while it trains or after, by torchao.

`prepare` puts fake quantization into a network, `convert` makes it whole after training, and
`export` writes the QDQ graph that `tinyrig.run` and `tinyrig run` take as it is.

>>> import torch, tinyrig, tinyrig.qat
>>> net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
>>> prepared = tinyrig.qat.prepare(net, torch.zeros(1, 4))
>>> _ = prepared(torch.randn(16, 4)).sum().backward()
>>> found = tinyrig.qat.export(tinyrig.qat.convert(prepared), torch.zeros(1, 4))
>>> tinyrig.check(found).runs
True
"""

from __future__ import annotations

from tinyrig.generator.errors import MissingToolError

try:
    import torchao  # noqa: F401
except ModuleNotFoundError as error:
    raise MissingToolError(
        "Quantization-aware training needs the package torchao: pip install 'tinyrig[qat]'."
    ) from error

from tinyrig.suite.training.quantized import convert, export, prepare
from tinyrig.suite.training.quantizer import Quantizer

__all__ = ["Quantizer", "convert", "export", "prepare"]
