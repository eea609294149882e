"""Operators that hand on an input: Identity, Dropout at inference, Cast to float32, a mask of 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import onnx.helper

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.shapes import FLOAT, type_name
from tinyrig.generator.frontends.source import Value


def passes_through(
    node: onnx.NodeProto, local: str, training: Value | None, on_codes: bool
) -> bool:
    """Whether a node only hands on its first input.

    `training` is a Dropout's training_mode, `on_codes` whether the first input holds codes.
    Raises UnsupportedError for a Dropout that trains and a Cast that converts.
    """
    if local == "Dropout":
        active = training is not None and (training.data is None or bool(training.data.any()))
        if active or len([name for name in node.output if name]) > 1:
            raise UnsupportedError(
                f"Dropout node {node.name!r} is in training mode or its mask is used; "
                "supported is inference only."
            )
        return True
    if local == "Cast":
        kind = _kind(node)
        if kind != FLOAT or on_codes:
            raise UnsupportedError(
                f"Cast node {node.name!r} converts tensor {node.input[0]!r} to "
                f"{type_name(kind)}; supported are float32 activations only."
            )
        return True
    return local == "Identity"


def to_bool(node: onnx.NodeProto) -> bool:
    """Whether a Cast makes flags."""
    return _kind(node) == onnx.TensorProto.BOOL


def _kind(node: onnx.NodeProto) -> int:
    return next((attribute.i for attribute in node.attribute if attribute.name == "to"), 0)


def neutral(local: str, inputs: Sequence[Value | None]) -> Value | None:
    """Return the operand that a node hands on whole: masks that hide nothing, sums with 0.

    Attention that is written in parts adds a mask of 0 where none was given.
    """
    if local == "Where" and len(inputs) == 3:
        condition, *branches = inputs
        if condition is None or condition.data is None or condition.data.size == 0:
            return None
        held = condition.data.astype(np.bool_)
        if held.any() != held.all():
            return None
        return _whole(branches[0 if held.all() else 1], inputs)
    if local in ("Add", "Sub") and len(inputs) == 2:
        for slot in (0, 1) if local == "Add" else (0,):
            other = inputs[1 - slot]
            if other is not None and other.data is not None and not other.data.any():
                return _whole(inputs[slot], inputs)
    return None


def cast_like(node: onnx.NodeProto, like: Value) -> onnx.NodeProto:
    """Return a CastLike as the Cast it is: activations are real, constants have a type."""
    kind: int = FLOAT
    if like.data is not None and like.data.dtype.kind != "f":
        kind = onnx.helper.np_dtype_to_tensor_dtype(like.data.dtype)
    return onnx.helper.make_node("Cast", [node.input[0]], node.output, name=node.name, to=kind)


def _whole(value: Value | None, inputs: Sequence[Value | None]) -> Value | None:
    """Return an operand whose shape is that of the result; None when it is repeated, or absent."""
    if value is None or value.data is not None:
        return None
    shapes = [one.shape for one in inputs if one is not None]
    try:
        return value if value.shape == np.broadcast_shapes(*shapes) else None
    except ValueError:  # which geometry.py says in its own words
        return None
