"""A TensorFlow Lite file as an ONNX model."""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.tflite.before import with_constants, with_state
from tinyrig.generator.frontends.tflite.file import File, FileOperator, read_tflite
from tinyrig.generator.frontends.tflite.rules import GENERAL, rules, ways_out
from tinyrig.generator.frontends.tflite.translation import Translation

_SHOWN = 8


def onnx_of_tflite(data: bytes) -> onnx.ModelProto:
    """Return the model of a file's bytes: in QDQ form where it is quantized, else in float.

    Raises InputError for a damaged file and UnsupportedError, naming the operator, for what does
    not run.
    """
    file = with_state(with_constants(read_tflite(data)))
    operators = _live(file)
    _check_operators(operators)
    translation = Translation(file, operators)
    for op in operators:
        translation.parts.label = f"{op.type}_{op.index}"
        rules()[op.type].translate(translation, op)
    return translation.model()


def _live(file: File) -> list[FileOperator]:
    """Return the operators that an output depends on, but for its shapes, in their order."""
    needed, kept = set(file.outputs), list[FileOperator]()
    for op in reversed(file.operators):
        if needed.intersection(op.outputs):
            kept.append(op)
            rule = rules().get(op.type)
            needed.update(op.inputs[: rule.reads if rule else None])
    return kept[::-1]


def _check_operators(operators: Sequence[FileOperator]) -> None:
    refused = [op for op in operators if op.type not in rules()]
    if not refused:
        return
    others = dict.fromkeys(op.type for op in refused if op.type != refused[0].type)
    also = f" Nor are {', '.join([*others][:_SHOWN])}." if others else ""
    raise UnsupportedError(
        f"{refused[0]} is not supported. {ways_out().get(refused[0].type, GENERAL)}{also} "
        f"Supported are {', '.join(sorted(rules()))}."
    )
