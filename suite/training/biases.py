"""Biases of a converted network as the kernels hold them: whole steps of the accumulator.

Such a step is the input's scale times the channel's weight scale; the frontend makes int32 of it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.fx import GraphModule, Node

from tinyrig.suite.training.placement import add_constant, is_convolution, moves, op_of, tensor_of

_BIAS = 2


def round_biases(model: GraphModule) -> None:
    """Round the bias of every convolution and linear layer to whole steps, in place."""
    for node in list(model.graph.nodes):
        if not is_convolution(node) and op_of(node) != "linear":
            continue
        bias = node.args[_BIAS] if len(node.args) > _BIAS else None
        steps = None if bias is None else _steps(model, node)
        if bias is None or steps is None or bias.op != "get_attr":
            continue
        rounded = (torch.round(tensor_of(model, bias).double() / steps) * steps).float()
        with model.graph.inserting_before(node):
            made = add_constant(model, f"{node.name}_bias", rounded)
        made.meta = dict(bias.meta)
        node.args = (*node.args[:_BIAS], made, *node.args[_BIAS + 1 :])
    model.graph.eliminate_dead_code()
    model.recompile()


def _steps(model: GraphModule, node: Node) -> Tensor | None:
    """Return the accumulator's step by channel; None where input or weight has none.

    A channel without weights has any scale, so the frontend takes the largest of the others.
    """
    source = node.all_input_nodes[0]
    while moves(source):
        source = source.all_input_nodes[0]
    weight: Any = node.args[1]
    if op_of(source) != "dequantize_per_tensor" or op_of(weight) != "dequantize_per_channel":
        return None
    codes, scales = tensor_of(model, weight.args[0]), tensor_of(model, weight.args[1]).double()
    empty = ~codes.transpose(0, weight.args[3]).flatten(1).any(dim=1)
    if bool(empty.any()) and not bool(empty.all()):
        scales = torch.where(empty, scales[~empty].max(), scales)
    scale: Any = source.args[1]
    return scales * float(scale) if isinstance(scale, int | float) else None
