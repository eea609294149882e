"""Scaled dot product attention written in parts, so that each can be quantized."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.fx import GraphModule, Node

from tinyrig.generator.errors import UnsupportedError

_ATEN = torch.ops.aten


def decompose_attention(model: GraphModule) -> GraphModule:
    """Return the graph with every attention as scores, scale, mask, softmax and values.

    Raises UnsupportedError for one with dropout, or whose heads share keys.
    """
    for node in list(model.graph.nodes):
        if node.target is _ATEN.scaled_dot_product_attention.default:
            with model.graph.inserting_before(node):
                node.replace_all_uses_with(_in_parts(model, node))
            model.graph.erase_node(node)
    model.recompile()
    return model


def _in_parts(model: GraphModule, node: Node) -> Node:
    names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")
    given: dict[str, Any] = dict(zip(names, node.args, strict=False)) | dict(node.kwargs)
    if given.get("dropout_p") or given.get("enable_gqa"):
        raise UnsupportedError(
            f"The attention {node.name!r} has dropout or fewer keys than heads; supported without."
        )
    query, key = given["query"], given["key"]
    keys = _call(node, _ATEN.transpose.int, key, -2, -1)
    scores = _call(node, _ATEN.matmul.default, query, keys)
    scale = given.get("scale") or 1.0 / math.sqrt(query.meta["val"].shape[-1])
    scores = _call(node, _ATEN.mul.Tensor, scores, float(scale))
    mask = given.get("attn_mask")
    if given.get("is_causal"):
        mask = _causal(model, node, *scores.meta["val"].shape[-2:])
    if mask is not None and mask.meta["val"].dtype == torch.bool:
        hidden = _call(node, _ATEN.logical_not.default, mask)
        scores = _call(node, _ATEN.masked_fill.Scalar, scores, hidden, -math.inf)
    elif mask is not None:
        scores = _call(node, _ATEN.add.Tensor, scores, mask)
    weights = _call(node, _ATEN.softmax.int, scores, -1)
    return _call(node, _ATEN.matmul.default, weights, given["value"])


def _causal(model: GraphModule, node: Node, rows: int, columns: int) -> Node:
    """Return a constant that hides what comes later."""
    name = f"{node.name}_mask"
    data = torch.full((rows, columns), -math.inf).triu(1)
    model.register_buffer(name, data)
    mask = model.graph.get_attr(name)
    mask.meta["val"] = node.meta["val"].fake_mode.from_tensor(data)
    return mask


def _call(node: Node, target: Any, *args: Any) -> Node:
    made = node.graph.call_function(target, args)
    made.meta = dict(node.meta)
    made.meta["val"] = target(*(a.meta["val"] if isinstance(a, Node) else a for a in args))
    return made
