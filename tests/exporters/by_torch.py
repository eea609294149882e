"""Float graphs of PyTorch's TorchScript exporter and its newer one."""

from __future__ import annotations

from functools import partial

import torch
from exporters.exporting import exported
from exporters.family import Family, Made
from exporters.networks import NETWORKS, drawn


def _made(name: str, dynamo: bool, opset: int) -> Made:
    net, shape = drawn(name)
    return exported(net, [torch.randn(shape)], dynamo=dynamo, opset=opset)


def families() -> list[Family]:
    """Return both exporters, each with every network."""
    script = {name: partial(_made, name, False, 17) for name in NETWORKS}
    dynamo = {name: partial(_made, name, True, 20) for name in NETWORKS}
    attention = {
        f"{n} opset 23": partial(_made, n, True, 23) for n in ("vit", "decoder", "encoder")
    }
    line = "pip install torch onnxscript"
    return [
        Family("torch", ("torch", "onnxscript"), line, script),
        Family("torch dynamo", ("torch", "onnxscript"), line, {**dynamo, **attention}),
    ]
