"""BatchNorm folded into the convolution before it, in a network with fake quantization.

`prepare_qat_pt2e` trains conv(x, fake(w * s)) / s + b with a BatchNorm behind it, s being the
BatchNorm's factor. Folded it is conv(x, fake(w * s)) + b': the same weights by the same codes.
torchao's own conversion does so too, by patterns it exports anew each time: 30 s of a processor.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.fx import GraphModule, Node

from tinyrig.generator.errors import UnsupportedError
from tinyrig.suite.training.placement import (
    add_constant,
    is_batch_norm,
    is_convolution,
    op_of,
    tensor_of,
)


def fold_batch_norms(model: GraphModule) -> None:
    """Fold every BatchNorm of a prepared network in eval mode, in place.

    Raises UnsupportedError for one that stands otherwise than torchao's preparation leaves it.
    """
    for node in list(model.graph.nodes):
        if is_batch_norm(node):
            _fold(model, node)
    model.graph.eliminate_dead_code()
    model.recompile()


def _fold(model: GraphModule, norm: Node) -> None:
    conv, fake, weight, bias = _before(norm)
    gain, shift, mean, variance = (tensor_of(model, one) for one in norm.args[1:5])
    epsilon: Any = norm.args[7]
    scale = gain / torch.sqrt(variance + float(epsilon))
    raw = tensor_of(model, weight)
    channels = [1] * raw.ndim
    axis = 1 if op_of(conv).startswith("conv_transpose") else 0
    channels[axis] = -1
    own = torch.zeros_like(mean) if bias is None else tensor_of(model, bias)
    with model.graph.inserting_before(fake):
        fake.args = (add_constant(model, f"{norm.name}_weight", raw * scale.reshape(channels)),)
        folded = add_constant(model, f"{norm.name}_bias", (own - mean) * scale + shift)
    conv.args = (*conv.args[:2], folded, *conv.args[3:])
    norm.replace_all_uses_with(conv)


def _before(norm: Node) -> tuple[Node, Node, Node, Node | None]:
    """Return the convolution before a BatchNorm, the fake quantization, its weight and its bias."""
    before: Any = norm.args[0]
    bias = None
    if op_of(before) == "add":
        before, bias = before.args[0], before.args[1].args[0]
    conv: Any = before.args[0] if op_of(before) == "div" else None
    if not is_convolution(conv) or conv.args[1].op != "call_module":
        raise UnsupportedError(
            f"The BatchNorm {norm.name!r} is none that was prepared with torchao."
        )
    fake = conv.args[1]
    return conv, fake, fake.args[0].args[0], bias
