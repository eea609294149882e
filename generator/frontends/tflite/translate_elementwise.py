"""Functions of one tensor, sums and products of two, and quantization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyrig.generator.frontends.tflite.file import FileOperator
from tinyrig.generator.frontends.tflite.rules import translates
from tinyrig.generator.frontends.tflite.translation import Translation

_FUNCTIONS: Mapping[str, str] = {
    "ABS": "Abs",
    "CEIL": "Ceil",
    "COS": "Cos",
    "ELU": "Elu",
    "EXP": "Exp",
    "FLOOR": "Floor",
    "HARD_SWISH": "HardSwish",
    "LOG": "Log",
    "LOGISTIC": "Sigmoid",
    "NEG": "Neg",
    "RELU": "Relu",
    "ROUND": "Round",
    "SIN": "Sin",
    "SQRT": "Sqrt",
    "TANH": "Tanh",
}
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "RELU6": (0.0, 6.0),
    "RELU_0_TO_1": (0.0, 1.0),
    "RELU_N1_TO_1": (-1.0, 1.0),
}
_PAIRS: Mapping[str, str] = {
    "ADD": "Add",
    "DIV": "Div",
    "MUL": "Mul",
    "SUB": "Sub",
}
_EXTREMES: Mapping[str, str] = {"MAXIMUM": "Max", "MINIMUM": "Min"}


def _values(at: Translation, op: FileOperator, count: int) -> tuple[list[str], bool]:
    """Return the operands, and whether they are images: they are left so where all are."""
    image = len(op.inputs) == count and at.are_images(op)
    read = at.image if image else at.real
    return [read(op, slot) for slot in range(count)], image


def _apply(at: Translation, op: FileOperator, kind: str, count: int = 1, **attributes: Any) -> None:
    """Let the output be an ONNX operator of the first `count` inputs."""
    values, image = _values(at, op, count)
    at.store(op, at.parts.node(kind, values, **attributes), image=image)


@translates(*_FUNCTIONS)
def function(at: Translation, op: FileOperator) -> None:
    """Part of a table of 256 bytes."""
    _apply(at, op, _FUNCTIONS[op.type])


@translates(*_BOUNDS)
def bounded(at: Translation, op: FileOperator) -> None:
    """Part of a table of 256 bytes."""
    (value,), image = _values(at, op, 1)
    at.store(op, at.clipped(value, _BOUNDS[op.type]), image=image)


@translates("LEAKY_RELU")
def leaky(at: Translation, op: FileOperator) -> None:
    """Part of a table of 256 bytes."""
    _apply(at, op, "LeakyRelu", alpha=op.real("Alpha"))


@translates("GELU")
def gelu(at: Translation, op: FileOperator) -> None:
    """Part of a table of 256 bytes; exact, or by the hyperbolic tangent."""
    _apply(at, op, "Gelu", approximate="tanh" if op.integer("Approximate") else "none")


@translates("SQUARE")
def square(at: Translation, op: FileOperator) -> None:
    """Part of a table of 256 bytes."""
    values, image = _values(at, op, 1)
    at.store(op, at.parts.node("Mul", values * 2), image=image)


@translates("RSQRT")
def inverse_root(at: Translation, op: FileOperator) -> None:
    """Part of a table of 256 bytes."""
    values, image = _values(at, op, 1)
    root = at.parts.node("Sqrt", values)
    at.store(op, at.parts.node("Reciprocal", [root]), image=image)


@translates(*_PAIRS)
def pair(at: Translation, op: FileOperator) -> None:
    """Of two tensors, or of one and a constant, in NumPy's broadcasting."""
    values, image = _values(at, op, 2)
    at.store(op, at.activated(op, at.parts.node(_PAIRS[op.type], values)), image=image)


@translates(*_EXTREMES)
def extreme(at: Translation, op: FileOperator) -> None:
    """The larger or the smaller of two tensors, or of one and a constant."""
    _apply(at, op, _EXTREMES[op.type], 2)


@translates("PRELU")
def prelu(at: Translation, op: FileOperator) -> None:
    """With slopes for each channel, or for each element."""
    _apply(at, op, "PRelu", 2)


@translates("QUANTIZE", "DEQUANTIZE")
def requantized(at: Translation, op: FileOperator) -> None:
    """The scale and zero point become those of the tensor; from one to another by a table."""
    (value,), image = _values(at, op, 1)
    at.store(op, value, image=image, made=False)
