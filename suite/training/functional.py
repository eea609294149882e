"""A graph whose operators leave their operands as they are.

Fake quantization keeps what it was given for the gradient, so nothing may be written over it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.fx import GraphModule, Node


def without_writes(model: GraphModule) -> GraphModule:
    """Return the graph with relu_, add_ and their like as relu, add: what comes later reads those.

    Buffers of the network, as BatchNorm counts its batches in, are still written.
    """
    order = {node: place for place, node in enumerate(model.graph.nodes)}
    for node in list(order):
        target = _plain(node)
        if target is None:
            continue
        written: Any = node.args[0]
        node.target = target
        for user in list(written.users):
            if order[user] > order[node]:
                user.replace_input_with(written, node)
    model.recompile()
    return model


def _plain(node: Node) -> Any:
    """Return the operator that writes a new tensor, None where none is due."""
    target: Any = node.target
    if not isinstance(target, torch._ops.OpOverload) or not node.args:
        return None
    space, _, name = target._schema.name.partition("::")
    written = node.args[0]
    if space != "aten" or not name.endswith("_") or not isinstance(written, Node):
        return None
    packet = getattr(torch.ops.aten, name[:-1], None)
    if written.op == "get_attr" or target._overloadname not in getattr(packet, "overloads", list)():
        return None
    return getattr(packet, target._overloadname)
