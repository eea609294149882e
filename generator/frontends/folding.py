"""Evaluation of nodes whose inputs are all constants, by ONNX's own reference evaluator."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import onnx
import onnx.helper
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.check import short
from tinyrig.generator.frontends.source import Codes, ConstantArray, Value

MAX_ELEMENTS = 2**27

# Operators that move elements: they act on the codes of a quantized constant as on its values.
LAYOUT_OPS = frozenset(
    {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Split", "Gather"}
    | {"Expand", "Tile"}
)
FOLDABLE_OPS = LAYOUT_OPS | frozenset(
    {"Abs", "Add", "And", "Cast", "Ceil", "Clip", "Concat", "ConstantOfShape", "Div", "Equal"}
    | {"Exp", "Floor", "Greater", "Less", "Max", "Min", "Mod", "Mul", "Neg", "Not", "Or", "Pad"}
    | {"Pow", "Range", "Reciprocal", "ReduceMax", "ReduceMean", "ReduceProd", "ReduceSum", "Relu"}
    | {"Round", "Sigmoid", "Sqrt", "Sub", "Sum", "Tanh", "Where", "MatMul", "Erf", "Log", "Sign"}
    | {"Cos", "CumSum", "GreaterOrEqual", "LessOrEqual", "Sin", "Trilu"}
    | {"EyeLike", "GatherElements", "GatherND", "OneHot", "ReduceMin", "ScatterElements"}
    | {"ScatterND", "Xor"}
)


def evaluate(
    node: onnx.NodeProto, inputs: Sequence[ConstantArray | None], opset: int
) -> list[ConstantArray]:
    """Return the outputs of a node on constant inputs (None: absent); real ones are float64.

    Raises InputError when the node cannot be evaluated.
    """
    if node.op_type == "GatherElements":
        return [_gathered(node, inputs)]
    feeds = {f"i{n}": _typed(data) for n, data in enumerate(inputs) if data is not None}
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    names = [f"i{n}" if data is not None else "" for n, data in enumerate(inputs)]
    del copy.input[:], copy.output[:]
    copy.input.extend(names)
    copy.output.extend(f"o{n}" for n in range(len(node.output)))
    graph = onnx.helper.make_graph(
        [copy],
        "constant",
        [
            onnx.helper.make_tensor_value_info(
                name, onnx.helper.np_dtype_to_tensor_dtype(data.dtype), data.shape
            )
            for name, data in feeds.items()
        ],
        [onnx.ValueInfoProto(name=name) for name in copy.output],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)])
    try:
        found = ReferenceEvaluator(model).run(None, feeds)
    except (ValueError, TypeError, IndexError, KeyError, RuntimeError, ArithmeticError) as error:
        raise InputError(
            f"The constant {node.op_type} node {node.name!r} cannot be computed: {short(error)}"
        ) from error
    return [as_constant(np.asarray(item)) for item in found]


def _gathered(node: onnx.NodeProto, inputs: Sequence[ConstantArray | None]) -> ConstantArray:
    """Elements by indices along an axis; ONNX's evaluator takes no indices of fewer rows."""
    data, indices = inputs[0], inputs[1]
    axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
    try:
        if data is None or indices is None:
            raise ValueError("an input is missing")
        axis %= data.ndim
        kept = tuple(
            slice(None) if n == axis else slice(extent) for n, extent in enumerate(indices.shape)
        )
        return np.take_along_axis(data[kept], indices, axis)
    except (ValueError, IndexError, ZeroDivisionError) as error:
        raise InputError(
            f"The constant {node.op_type} node {node.name!r} cannot be computed: {short(error)}"
        ) from error


def as_constant(data: ConstantArray) -> ConstantArray:
    """Return real data as float64 and leave integers and booleans as they are."""
    with np.errstate(invalid="ignore"):
        return data.astype(np.float64) if data.dtype.kind == "f" else data


def move_codes(
    node: onnx.NodeProto, inputs: Sequence[ConstantArray | None], codes: Codes, opset: int
) -> list[Codes]:
    """Apply a layout operator to a quantized constant: to its codes, scales and zero points."""
    shape = codes.data.shape

    def moved(data: NDArray[np.generic]) -> list[ConstantArray]:
        full = np.broadcast_to(data, shape)
        return evaluate(node, [full, *inputs[1:]], opset)

    # Scales pass through float32, which is what they were stored as.
    rows = zip(moved(codes.data), moved(codes.scale), moved(codes.zero_point), strict=True)
    return [
        Codes(data.astype(np.int64), compact(scale), compact(zero).astype(np.int64), codes.bits)
        for data, scale, zero in rows
    ]


def moved_constant(
    constant: Value, name: str, move: Callable[[ConstantArray], ConstantArray]
) -> Value:
    """Return a constant whose elements `move` puts elsewhere or leaves out, its codes likewise."""

    def moved(data: ConstantArray) -> ConstantArray:
        return move(np.broadcast_to(data, constant.shape))

    data, codes = moved(np.asarray(constant.data)), constant.codes
    if codes is not None:
        steps = compact(moved(codes.scale)), compact(moved(codes.zero_point))
        codes = Codes(moved(codes.data), *steps, codes.bits)
    return Value(name, data.shape, data, codes)


def compact(data: ConstantArray) -> ConstantArray:
    """Cut every axis along which nothing changes to extent 1."""
    for axis in range(data.ndim):
        first = np.take(data, [0], axis=axis)
        if np.array_equal(np.broadcast_to(first, data.shape), data):
            data = first
    return data


def check_size(shape: Sequence[int], what: str) -> None:
    """Raise InputError when a tensor of this shape is too large to hold."""
    if math.prod(shape) > MAX_ELEMENTS:
        raise InputError(f"{what} has {math.prod(shape)} elements; at most {MAX_ELEMENTS} fit.")


def _typed(data: ConstantArray) -> ConstantArray:
    with np.errstate(over="ignore"):
        return data.astype(np.float32) if data.dtype.kind == "f" else np.asarray(data)
