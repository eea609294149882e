"""LSTM and GRU as one form: steps go first, and the states of all steps have a name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
import onnx.helper

from tinyrig.generator.frontends.source import ConstantArray
from tinyrig.generator.graph.recurrent import GATES

_STANDARD = ("", "ai.onnx")
_LAYOUT = "layout"
# By slot, the axes of a tensor whose batch goes first, from those of one whose steps do.
_READ = {0: (1, 0, 2), 5: (1, 0, 2), 6: (1, 0, 2)}
_WRITTEN = {0: (2, 0, 1, 3), 1: (1, 0, 2), 2: (1, 0, 2)}


def steps_first(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with every LSTM and GRU in layout 0, by transposes, and its Y named.

    ONNX Runtime does not run the other layout.
    """
    if not any(_is_odd(node) for node in model.graph.node):
        return model
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    nodes = [one for node in model.graph.node for one in _steps_first(node)]
    del changed.graph.node[:]
    changed.graph.node.extend(nodes)
    return changed


def is_selection(weight: ConstantArray) -> bool:
    """Whether gates [directions, gates * units, columns] take one column each, times a number."""
    return bool(np.all(np.count_nonzero(weight, axis=-1) <= 1))


def is_sizes(node: onnx.NodeProto, constant: ConstantArray) -> bool:
    """Whether a node's constant is no weight of the model, but what its gates were divided by."""
    wide = constant.ndim == 3 and constant.shape[-1] >= constant.shape[-2]
    return node.op_type in GATES and wide and is_selection(constant)


def _is_odd(node: onnx.NodeProto) -> bool:
    return _is_recurrent(node) and (_batch_first(node) or not node.output[0])


def _is_recurrent(node: onnx.NodeProto) -> bool:
    known = node.op_type in GATES and node.domain in _STANDARD
    return known and len(node.input) > 0 and len(node.output) > 0


def _batch_first(node: onnx.NodeProto) -> bool:
    return any(attribute.name == _LAYOUT and attribute.i == 1 for attribute in node.attribute)


def _steps_first(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    if not _is_odd(node):
        yield node
        return
    made = onnx.NodeProto()
    made.CopyFrom(node)
    label = node.name or next(filter(None, node.output))
    if not made.output[0]:
        made.output[0] = f"{label}:states"
    if not _batch_first(node):
        yield made
        return
    del made.attribute[:]
    made.attribute.extend(one for one in node.attribute if one.name != _LAYOUT)
    for slot, perm in _READ.items():
        if slot < len(node.input) and node.input[slot]:
            made.input[slot] = f"{label}:in{slot}"
            yield _turned(node.input[slot], made.input[slot], perm)
    shown = [slot for slot in _WRITTEN if slot < len(node.output) and node.output[slot]]
    for slot in shown:
        made.output[slot] = f"{label}:out{slot}"
    yield made
    for slot in shown:
        yield _turned(made.output[slot], node.output[slot], _WRITTEN[slot])


def _turned(name: str, output: str, perm: tuple[int, ...]) -> onnx.NodeProto:
    return onnx.helper.make_node("Transpose", [name], [output], name=f"{output}:turn", perm=perm)
