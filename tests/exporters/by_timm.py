"""Float networks of timm at small inputs, of random weights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import torch
from exporters.exporting import exported, quiet, with_torchvision
from exporters.family import Family, Made
from exporters.networks import settled

_NETWORKS: Mapping[str, tuple[int, Mapping[str, Any]]] = MappingProxyType(
    {
        "mobilenetv3_small_050": (64, {}),
        "mobilenetv2_035": (64, {}),
        "efficientnet_lite0": (64, {}),
        "resnet10t": (64, {}),
        "mnasnet_050": (64, {}),
        "ghostnet_050": (64, {}),
        "regnetx_002": (64, {}),
        "convnext_atto": (64, {"depths": (1, 1, 2, 1), "dims": (16, 32, 48, 64)}),
        "vit_tiny_patch16_224": (32, {"img_size": 32, "patch_size": 8, "depth": 2, "embed_dim": 64,
                                      "num_heads": 2}),
        "mobilevit_xxs": (64, {}),
        "deit_tiny_patch16_224": (32, {"img_size": 32, "patch_size": 8, "depth": 2,
                                       "embed_dim": 48, "num_heads": 3}),
        "resmlp_12_224": (32, {"img_size": 32}),
    }
)  # fmt: skip


def _made(name: str) -> Made:
    with_torchvision()
    import timm

    torch.manual_seed(11)
    size, options = _NETWORKS[name]
    with quiet():
        net = timm.create_model(name, pretrained=False, num_classes=10, exportable=True, **options)
    shape = (1, 3, size, size)
    return exported(settled(net, shape), [torch.randn(shape)], dynamo=False, opset=17)


def families() -> list[Family]:
    """Return the networks."""
    graphs = {name: partial(_made, name) for name in _NETWORKS}
    return [Family("timm", ("timm", "torchvision"), "pip install timm torchvision", graphs)]
