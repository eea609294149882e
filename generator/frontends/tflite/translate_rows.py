"""Softmax, its logarithm, and sums, means and extremes over axes."""

from __future__ import annotations

from collections.abc import Mapping

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.tflite.file import FileOperator
from tinyrig.generator.frontends.tflite.rules import translates
from tinyrig.generator.frontends.tflite.translation import Translation

_REDUCED: Mapping[str, str] = {
    "MEAN": "ReduceMean",
    "REDUCE_MAX": "ReduceMax",
    "REDUCE_MIN": "ReduceMin",
    "SUM": "ReduceSum",
}


@translates("SOFTMAX")
def softmax(at: Translation, op: FileOperator) -> None:
    """Over the last axis, with a positive beta."""
    value, beta = at.real(op, 0), op.real("Beta")
    if not beta > 0.0:
        raise UnsupportedError(f"{op} has beta = {beta:g}; supported is a positive one.")
    if beta != 1.0:
        value = at.parts.node("Mul", [value, at.parts.scalar(beta)])
    at.store(op, at.parts.node("Softmax", [value], axis=-1))


@translates("LOG_SOFTMAX")
def log_softmax(at: Translation, op: FileOperator) -> None:
    """Over the last axis."""
    at.store(op, at.parts.node("LogSoftmax", [at.real(op, 0)], axis=-1))


@translates(*_REDUCED)
def reduced(at: Translation, op: FileOperator) -> None:
    """Over constant axes."""
    rank, given = len(at.tensor(op, 0).shape), at.integers(op, 1)
    if not given or not all(-rank <= axis < rank for axis in given):
        raise InputError(f"{op} goes over the axes {given[:8]} of a tensor of {rank}.")
    axes = sorted({axis % rank for axis in given})
    keeps = int(op.integer("KeepDims") != 0)
    inputs = [at.real(op, 0), at.parts.whole(axes)]
    at.store(op, at.parts.node(_REDUCED[op.type], inputs, keepdims=keeps))
