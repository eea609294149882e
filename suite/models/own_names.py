"""Names for what ONNX Runtime's quantizer reads, so that none it makes of them is there already.

It calls the scale of `x` `x_scale`, whatever else the model may call so.
"""

from __future__ import annotations

from collections.abc import Mapping

import onnx

_MADE = ("_scale", "_zero_point", "_quantized", "_QuantizeLinear", "_DequantizeLinear")


def own_names(model: onnx.ModelProto) -> dict[str, str]:
    """Return another name for every tensor that begins a name of the model as the quantizer's do.

    No name of the model begins with one of them.
    """
    graph = model.graph
    tensors = {info.name for info in (*graph.input, *graph.output)}
    tensors.update(tensor.name for tensor in graph.initializer)
    tensors.update(name for node in graph.node for name in (*node.input, *node.output) if name)
    every = tensors | {node.name for node in graph.node}
    stems = {stem for name in every for stem in _stems(name) if stem in tensors}
    found: dict[str, str] = {}
    for stem in sorted(stems):
        own = f"{stem}:own"
        while any(name.startswith(own) for name in every):
            own += ":own"
        found[stem] = own
    return found


def _stems(name: str) -> set[str]:
    """Return what a name may have been made of."""
    return {
        name[:at]
        for made in _MADE
        for at in range(1, len(name) - len(made) + 1)
        if name.startswith(made, at)
    }


def rename(model: onnx.ModelProto, names: Mapping[str, str]) -> None:
    """Give tensors other names, in place."""
    graph = model.graph
    for info in (*graph.input, *graph.output, *graph.value_info):
        info.name = names.get(info.name, info.name)
    for tensor in graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)
    for node in graph.node:
        for slots in (node.input, node.output):
            for slot, name in enumerate(slots):
                slots[slot] = names.get(name, name)
