"""Operators that hand on their first input: Identity, Dropout at inference, Cast to float32."""

from __future__ import annotations

import onnx

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
        kind = next((a.i for a in node.attribute if a.name == "to"), 0)
        if kind != FLOAT or on_codes:
            raise UnsupportedError(
                f"Cast node {node.name!r} converts tensor {node.input[0]!r} to "
                f"{type_name(kind)}; supported are float32 activations only."
            )
        return True
    return local == "Identity"
