"""Dilated convolutions whose pads are SAME, with pads of numbers: ONNX Runtime takes no others."""

from __future__ import annotations

from collections.abc import Mapping

import onnx
import onnx.helper

_SAME = (b"SAME_UPPER", b"SAME_LOWER")


def with_pads_said(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with explicit pads where a Conv of steps of 1 is dilated and padded SAME.

    The model is not changed; itself is returned where there is none.
    """
    weights = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    found = {
        number: pads
        for number, node in enumerate(model.graph.node)
        if node.op_type == "Conv" and (pads := _pads(node, weights))
    }
    if not found:
        return model
    made = onnx.ModelProto()
    made.CopyFrom(model)
    for number, pads in found.items():
        node = made.graph.node[number]
        kept = [one for one in node.attribute if one.name not in ("auto_pad", "pads")]
        del node.attribute[:]
        node.attribute.extend([*kept, onnx.helper.make_attribute("pads", pads)])
    return made


def _pads(node: onnx.NodeProto, weights: Mapping[str, tuple[int, ...]]) -> list[int]:
    """Return the pads before and behind each axis; none where the node says its own."""
    given = {one.name: one for one in node.attribute}
    mode = given["auto_pad"].s if "auto_pad" in given else b""
    apart = list(given["dilations"].ints) if "dilations" in given else []
    moved = any(step != 1 for step in given["strides"].ints) if "strides" in given else False
    named = given["kernel_shape"].ints if "kernel_shape" in given else ()
    kernel = list(named) or list(weights.get(node.input[1], ())[2:])
    if mode not in _SAME or moved or max(apart, default=1) == 1 or len(kernel) != len(apart):
        return []
    whole = [(size - 1) * step for size, step in zip(kernel, apart, strict=True)]
    less, more = [size // 2 for size in whole], [size - size // 2 for size in whole]
    return [*less, *more] if mode == b"SAME_UPPER" else [*more, *less]
