"""Static shapes: of model inputs, and of a node's outputs by ONNX's own inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import onnx.checker
import onnx.defs
import onnx.helper
import onnx.numpy_helper
import onnx.shape_inference

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.check import short
from tinyrig.generator.frontends.source import Value

FLOAT = onnx.TensorProto.FLOAT
_SHAPE_DATA_LIMIT = 4096

Shape = tuple[int, ...]


def type_name(elem_type: int) -> str:
    """Return ONNX's name of an element type, such as FLOAT16."""
    known = onnx.TensorProto.DataType.values()
    return onnx.TensorProto.DataType.Name(elem_type) if elem_type in known else str(elem_type)


def input_shape(info: onnx.ValueInfoProto) -> Shape:
    """Return the static shape of a model input.

    Raises InputError, naming the axis, when the shape is dynamic, unknown or empty.
    """
    what = f"The model input {info.name!r}"
    if not info.type.HasField("tensor_type"):
        raise InputError(f"{what} is not a tensor; supported are tensors only.")
    tensor = info.type.tensor_type
    if not tensor.HasField("shape"):
        raise InputError(f"{what} has no shape. Export the model with fixed shapes.")
    shape = []
    for axis, dim in enumerate(tensor.shape.dim):
        if not dim.HasField("dim_value"):
            label = f" ({dim.dim_param!r})" if dim.dim_param else ""
            raise InputError(
                f"{what} has a dynamic shape: axis {axis}{label} has no fixed extent. A "
                "microcontroller needs static shapes; export the model with every axis fixed, "
                "for example batch 1."
            )
        if dim.dim_value < 1:
            raise InputError(f"{what} has an axis {axis} of extent {dim.dim_value}: it is empty.")
        shape.append(dim.dim_value)
    return tuple(shape)


def broadcast_shape(node: onnx.NodeProto, shapes: Sequence[Shape]) -> Shape:
    """Return the shape of operands together. Raises InputError where they have none."""
    try:
        return tuple(np.broadcast_shapes(*shapes))
    except ValueError as error:
        given = " and ".join(str(list(shape)) for shape in shapes)
        raise InputError(
            f"{node.op_type} node {node.name!r} joins the shapes {given}, which do not broadcast."
        ) from error


def infer_outputs(
    node: onnx.NodeProto, inputs: Mapping[str, Value], opset: int, may_be_empty: bool = False
) -> dict[str, tuple[int, Shape]]:
    """Return the element type and static shape of each output of an ONNX operator.

    `inputs` holds the values the node's input names stand for. Raises InputError when the
    shapes do not fit the operator or, unless `may_be_empty`, when an output has no element;
    UnsupportedError when an extent stays unknown.
    """
    what = f"{node.op_type} node {node.name!r}"
    types = {name: _type(value) for name, value in inputs.items()}
    if node.op_type == "Where":  # its condition is the one activation that is not real
        types[node.input[0]].tensor_type.elem_type = onnx.TensorProto.BOOL
    data = {name: tensor for name, value in inputs.items() if (tensor := _shape_data(value))}
    if node.op_type == "Resize":
        data |= _scales(node, inputs)
    try:
        schema = onnx.defs.get_schema(node.op_type, opset, "")
        found = onnx.shape_inference.infer_node_outputs(
            schema, node, types, data, opset_imports=[onnx.helper.make_opsetid("", opset)]
        )
    except onnx.defs.SchemaError as error:
        raise UnsupportedError(f"{what} is not an operator of opset {opset}.") from error
    except (
        onnx.shape_inference.InferenceError,
        onnx.checker.ValidationError,
        ValueError,
        RuntimeError,
    ) as error:
        raise InputError(f"The shapes of {what} do not fit together: {short(error)}") from error
    shapes = {name: _static(what, name, kind) for name, kind in found.items() if name}
    for name, (_, shape) in shapes.items():
        if 0 in shape and not may_be_empty:
            raise InputError(f"{what} gives tensor {name!r} the shape {list(shape)}: it is empty.")
    if node.op_type in ("MaxPool", "AveragePool"):
        image = inputs[node.input[0]].shape
        return {name: (kind, _pooled(node, image, out)) for name, (kind, out) in shapes.items()}
    return shapes


def _scales(node: onnx.NodeProto, inputs: Mapping[str, Value]) -> dict[str, onnx.TensorProto]:
    """Return the factors of a Resize, the one real constant that a shape depends on."""
    name = node.input[2] if len(node.input) > 2 else ""
    found = inputs.get(name)
    if found is None or found.data is None:
        return {}
    return {name: onnx.numpy_helper.from_array(found.data.astype(np.float32))}


def _pooled(node: onnx.NodeProto, image: Shape, out: Shape) -> Shape:
    """Drop a last window that starts in the padding behind the image.

    ceil_mode has no such windows by the definition of the operator, but the inference counts them.
    """
    lists = {a.name: list(a.ints) for a in node.attribute}
    axes = len(image) - 2
    strides = lists.get("strides") or [1] * axes
    pads = lists.get("pads") or [0] * axes
    counts = [
        count - 1 if count > 1 and (count - 1) * stride >= extent + pad else count
        for count, stride, extent, pad in zip(out[2:], strides, image[2:], pads, strict=False)
    ]
    return (*out[:2], *counts)


def _static(what: str, name: str, kind: onnx.TypeProto) -> tuple[int, Shape]:
    tensor = kind.tensor_type
    dims = list(tensor.shape.dim)
    if not tensor.HasField("shape") or any(not dim.HasField("dim_value") for dim in dims):
        raise UnsupportedError(
            f"{what} gives tensor {name!r} a shape that depends on the data. Supported are static "
            "shapes only."
        )
    shape = tuple(dim.dim_value for dim in dims)
    if any(extent < 0 for extent in shape):
        raise InputError(f"{what} gives tensor {name!r} the negative shape {list(shape)}.")
    return tensor.elem_type, shape


def _type(value: Value) -> onnx.TypeProto:
    elem = FLOAT
    if value.data is not None and value.data.dtype.kind != "f":
        elem = onnx.helper.np_dtype_to_tensor_dtype(value.data.dtype)
    return onnx.helper.make_tensor_type_proto(elem, value.shape)


def _shape_data(value: Value) -> onnx.TensorProto | None:
    data = value.data
    if data is None or data.size > _SHAPE_DATA_LIMIT or data.dtype.kind == "f":
        return None
    return onnx.numpy_helper.from_array(data)
