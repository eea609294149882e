"""QDQ graphs of NNCF's post-training quantizer, which quantizes the operands of products."""

from __future__ import annotations

from functools import partial

import torch
from exporters.exporting import exported, quiet
from exporters.family import Family, Feed, Made
from exporters.networks import drawn

_INSTALL = "pip install nncf==3.4.0"


def _made(name: str) -> Made:
    import nncf

    net, shape = drawn(name)
    made = exported(net, [torch.randn(shape)], dynamo=False, opset=17)

    def same(feed: Feed) -> Feed:
        return feed

    with quiet():
        found = nncf.quantize(made.model, nncf.Dataset(list(made.feeds), same), subset_size=8)
    return Made(found, made.feeds)


def families() -> list[Family]:
    """Return some networks."""
    names = ("mlp", "cnn", "depthwise", "residual", "vit")
    graphs = {name: partial(_made, name) for name in names}
    return [Family("nncf", ("nncf",), _INSTALL, graphs)]
