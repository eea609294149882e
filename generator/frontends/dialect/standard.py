"""The dialect's files as ONNX has it: their operators in a domain of their own, numbers as floats.

QuantLib writes opset 10 files whose own operators stand in ONNX's domain, whose attributes are
tensors of one element, and whose integers are stored in whatever type. The values do not change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import onnx
import onnx.helper
import onnx.numpy_helper

from tinyrig.generator.errors import UnsupportedError

Division = Literal["floor", "rounded"]
DOMAIN = "PACTOps"
OWN_OPS = frozenset(
    {"RequantShift", "iSoftmax", "ITAMax", "ITAPartialMax", "iGELU", "iHardswish", "iLayerNorm"}
    | {"iRMSNorm", "IntegerMean", "IntegerDiv", "TrueIntegerDiv"}
)
_OPSET = 11
"""What opset 10 is read as: no operator of the dialect's files changed, but for Pad and Clip."""
_CHANGED = frozenset({"Pad", "Clip"})
_MEAN = "IntegerMean"
_DIVISIONS = frozenset({"IntegerDiv", "TrueIntegerDiv"})
_INTEGERS = (onnx.TensorProto.INT8, onnx.TensorProto.UINT8, onnx.TensorProto.INT32)


def is_dialect(model: onnx.ModelProto) -> bool:
    """Whether a model holds operators of the integer dialect, or says that it does."""
    said = any(entry.domain == DOMAIN for entry in model.opset_import)
    return said or any(node.op_type in OWN_OPS for node in model.graph.node)


def standardised(model: onnx.ModelProto, division: Division = "floor") -> onnx.ModelProto:
    """Return a model of the dialect in the form that is read; any other model itself.

    `division` is how quotients are rounded: QuantLib cuts them downwards, Deeploy's C rounds half
    away from zero; the file does not say which. Inputs and Concat operands without an element are
    left out. The model is not changed.
    Raises UnsupportedError for operators of opset 10 that are others in opset 11.
    """
    if not is_dialect(model):
        return model
    made = onnx.ModelProto()
    made.CopyFrom(model)
    _set_opsets(made)
    for node in made.graph.node:
        if node.op_type in OWN_OPS:
            node.domain = DOMAIN
            _plain_attributes(node)
        said = any(attribute.name == "division" for attribute in node.attribute)
        if node.op_type in _DIVISIONS and not said:
            node.attribute.append(onnx.helper.make_attribute("division", division))
    for node in made.graph.node:
        if node.op_type == _MEAN:
            _as_mean(node)
    for tensor in made.graph.initializer:
        if tensor.data_type in _INTEGERS:
            tensor.CopyFrom(_as_float(tensor))
    for info in (*made.graph.input, *made.graph.output):
        info.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    del made.graph.value_info[:]
    _drop_empty(made.graph)
    return made


def _set_opsets(model: onnx.ModelProto) -> None:
    own = [entry for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    for entry in own:
        if entry.version < _OPSET:
            for node in model.graph.node:
                if node.op_type in _CHANGED:
                    raise UnsupportedError(
                        f"{node.op_type} node {node.name!r} is of opset {entry.version}, which "
                        f"has it in another form; supported are the {node.op_type} of opset 11 on."
                    )
            entry.version = _OPSET
    kept = {entry.domain: entry.version for entry in own} | {DOMAIN: 1}
    del model.opset_import[:]
    model.opset_import.extend(onnx.helper.make_opsetid(*entry) for entry in kept.items())


def _plain_attributes(node: onnx.NodeProto) -> None:
    """Let attributes that are tensors of one element be numbers."""
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.TENSOR:
            data = onnx.numpy_helper.to_array(attribute.t).reshape(-1)
            if data.size != 1:
                raise UnsupportedError(
                    f"Attribute {attribute.name!r} of {node.op_type} node {node.name!r} holds "
                    f"{data.size} numbers; supported is one."
                )
            number = onnx.helper.make_attribute(attribute.name, float(data[0]))
            attribute.CopyFrom(number)


def _as_mean(node: onnx.NodeProto) -> None:
    """Let a mean be ONNX's, whose shape is known; in the dialect every mean is rounded."""
    node.op_type, node.domain = "ReduceMean", ""
    for attribute in node.attribute:
        if attribute.name == "axes" and attribute.type != onnx.AttributeProto.INTS:
            axis = int(onnx.helper.get_attribute_value(attribute))
            attribute.CopyFrom(onnx.helper.make_attribute("axes", [axis]))


def _as_float(tensor: onnx.TensorProto) -> onnx.TensorProto:
    data = onnx.numpy_helper.to_array(tensor).astype(np.float32)
    return onnx.numpy_helper.from_array(data, tensor.name)


def _drop_empty(graph: onnx.GraphProto) -> None:
    """Leave out inputs without an element; a Concat of the rest is the same."""
    empty = {info.name for info in graph.input if 0 in _extents(info)}
    kept = [info for info in graph.input if info.name not in empty]
    del graph.input[:]
    graph.input.extend(kept)
    for node in graph.node:
        if node.op_type == "Concat":
            names = [name for name in node.input if name not in empty]
            del node.input[:]
            node.input.extend(names)


def _extents(info: onnx.ValueInfoProto) -> Iterable[int]:
    dims = info.type.tensor_type.shape.dim
    return (dim.dim_value if dim.HasField("dim_value") else -1 for dim in dims)
