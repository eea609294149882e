"""Matrix products: fully connected layers, and products of two tensors."""

from __future__ import annotations

import numpy as np

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.tflite.file import FileOperator
from tinyrig.generator.frontends.tflite.rules import translates
from tinyrig.generator.frontends.tflite.translation import Translation
from tinyrig.generator.frontends.tflite.weights import bias_of, laid, weights_of


@translates("FULLY_CONNECTED")
def fully_connected(at: Translation, op: FileOperator) -> None:
    """With constant weights, one scale or one an output; the input's axes are kept or joined."""
    x, w, y = at.tensor(op, 0), weights_of(at, op, 1, 2), at.output(op)
    if op.integer("WeightsFormat"):
        raise UnsupportedError(f"{op} has shuffled weights; supported are weights in rows.")
    count = w.shape[1]
    if not x.shape or not y.shape or count < 1:
        raise InputError(f"{op} reads {x} of shape {list(x.shape)} for rows of {count}.")
    value = at.real(op, 0)
    if x.shape[1:] != (count,):
        value = at.parts.reshaped(value, [-1, count])
    weights = laid(at, op, x, w, np.asarray(w.data), 0)
    inputs = [value, weights, *bias_of(at, op, 2, x, w)]
    value = at.activated(op, at.parts.node("Gemm", inputs, transB=1))
    if len(y.shape) != 2:
        value = at.parts.reshaped(value, y.shape)
    at.store(op, value)


@translates("BATCH_MATMUL")
def batch_product(at: Translation, op: FileOperator) -> None:
    """Of two tensors, or of one and a constant; either transposed."""
    operands = []
    for slot, option in enumerate(("AdjX", "AdjY")):
        value, rank = at.real(op, slot), len(at.tensor(op, slot).shape)
        if op.integer(option):
            if rank < 2:
                raise InputError(f"{op} transposes {at.tensor(op, slot)}, which has {rank} axes.")
            value = at.parts.node("Transpose", [value], perm=(*range(rank - 2), rank - 1, rank - 2))
        operands.append(value)
    at.store(op, at.parts.node("MatMul", operands))
