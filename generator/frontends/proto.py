"""The parts of an ONNX graph as plain values: live nodes, constants, attributes."""

from __future__ import annotations

import numpy as np
import onnx
import onnx.numpy_helper

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.check import short
from tinyrig.generator.frontends.folding import check_size
from tinyrig.generator.frontends.source import Attribute, ConstantArray
from tinyrig.generator.frontends.subgraphs import reads_of


def live_nodes(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the nodes some output depends on, in execution order.

    An input that is an output depends on what quantizes it.
    """
    needed = {info.name for info in graph.output}
    passed = needed.intersection(info.name for info in graph.input)
    kept = []
    for node in reversed(graph.node):
        codes = node.op_type == "QuantizeLinear" and node.input[0] in passed
        if codes or needed.intersection(node.output):
            kept.append(node)
            needed.update(reads_of(node))
    return kept[::-1]


def tensor_array(tensor: onnx.TensorProto) -> ConstantArray:
    """Return a tensor's data. Raises InputError when it is damaged or too large."""
    if any(extent < 0 for extent in tensor.dims):
        raise InputError(f"The constant {tensor.name!r} has a negative extent.")
    check_size(tensor.dims, f"The constant {tensor.name!r}")
    if tensor.data_type not in onnx.TensorProto.DataType.values():
        raise InputError(f"The constant {tensor.name!r} has the unknown type {tensor.data_type}.")
    try:
        return onnx.numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"The constant {tensor.name!r} is damaged: {short(error)}") from error


def constant_array(node: onnx.NodeProto) -> ConstantArray:
    """Return what a Constant node holds. Raises UnsupportedError for strings and sparse data."""
    attribute = node.attribute[0] if node.attribute else onnx.AttributeProto()
    match attribute.name:
        case "value":
            return tensor_array(attribute.t)
        case "value_float":
            return np.asarray(attribute.f, dtype=np.float32)
        case "value_floats":
            return np.asarray(attribute.floats, dtype=np.float32)
        case "value_int":
            return np.asarray(attribute.i, dtype=np.int64)
        case "value_ints":
            return np.asarray(attribute.ints, dtype=np.int64)
        case other:
            raise UnsupportedError(
                f"Constant node {node.name!r} holds {other!r}; supported are dense numeric values."
            )


def attributes_of(node: onnx.NodeProto) -> dict[str, Attribute]:
    """Return a node's attributes. Raises UnsupportedError for tensors and graphs."""
    found: dict[str, Attribute] = {}
    kinds = onnx.AttributeProto
    for attribute in node.attribute:
        match attribute.type:
            case kinds.INT:
                found[attribute.name] = attribute.i
            case kinds.FLOAT:
                found[attribute.name] = attribute.f
            case kinds.STRING:
                found[attribute.name] = attribute.s.decode("utf-8", "replace")
            case kinds.STRINGS:
                texts = (text.decode("utf-8", "replace") for text in attribute.strings)
                found[attribute.name] = tuple(texts)
            case kinds.INTS:
                found[attribute.name] = tuple(attribute.ints)
            case kinds.FLOATS:
                found[attribute.name] = tuple(attribute.floats)
            case _:
                raise UnsupportedError(
                    f"Attribute {attribute.name!r} of {node.op_type} node {node.name!r} is of a "
                    "kind that is not supported."
                )
    return found
