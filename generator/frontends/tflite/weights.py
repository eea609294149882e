"""Weights and biases of a TFLite file as constants of the ONNX model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.tflite.file import FileOperator, FileTensor
from tinyrig.generator.frontends.tflite.translation import CODE_TYPES, Translation


def weights_of(at: Translation, op: FileOperator, slot: int, rank: int) -> FileTensor:
    """Return constant weights of some rank.

    Raises UnsupportedError unless they are int8 with zero point 0, or real.
    """
    tensor = at.tensor(op, slot)
    if tensor.data is None:
        raise UnsupportedError(
            f"{op} has the weights {tensor.name!r}, computed at run time; supported are constants."
        )
    if tensor.data.ndim != rank or not tensor.data.size:
        raise InputError(f"{op} has the weights {tensor.name!r} of shape {list(tensor.shape)}.")
    coded = tensor.type == "INT8" and tensor.scales.size and not tensor.zero_points.any()
    if not coded and tensor.type not in ("FLOAT32", "FLOAT16"):
        point = f"zero point {tensor.zero_points[0]}" if tensor.scales.size else "no scale"
        raise UnsupportedError(
            f"{op} has the weights {tensor.name!r} of type {tensor.type} with {point}; supported "
            "are INT8 weights with zero point 0: convert the model with full integer quantization "
            "to int8."
        )
    return tensor


def laid(
    at: Translation, op: FileOperator, x: FileTensor, w: FileTensor, data: NDArray[Any], axis: int
) -> str:
    """Return the real values of weights that were laid out anew; `axis` has the output channels.

    Int8 weights beside activations in float (dynamic range quantization) become float constants.
    """
    if w.type != "INT8":
        return at.parts.constant(data.astype(np.float32))
    channels = data.shape[axis]
    if w.scales.size not in (1, channels):
        raise InputError(
            f"{op} has the weights {w.name!r} with {w.scales.size} scales for {channels} channels."
        )
    if x.type in CODE_TYPES:
        return at.dequantized(data, w.scales, w.zero_points, axis)
    shape = [1] * data.ndim
    shape[axis] = w.scales.size
    return at.parts.constant(data.astype(np.float32) * w.scales.reshape(shape))


def bias_of(
    at: Translation, op: FileOperator, slot: int, x: FileTensor, w: FileTensor
) -> list[str]:
    """Return the real values of a bias, in a list that is empty where there is none.

    An integer one counts in steps of the input's scale times the weights', whatever it says.
    """
    if not at.has(op, slot):
        return []
    tensor = at.tensor(op, slot)
    if tensor.data is None:
        raise UnsupportedError(
            f"{op} has the bias {tensor.name!r}, computed at run time; supported are constants."
        )
    data = tensor.data.reshape(-1)
    if tensor.type == "FLOAT32":
        return [at.parts.constant(data)]
    if tensor.type != "INT32" or x.scales.size != 1 or not w.scales.size:
        raise UnsupportedError(
            f"{op} has the bias {tensor.name!r} of type {tensor.type}; supported are INT32 beside "
            "int8 inputs and weights, and FLOAT32."
        )
    scales = x.scales * w.scales
    if scales.size not in (1, data.size) or not data.size:
        raise InputError(f"{op} has a bias of {data.size} values and {scales.size} scales.")
    return [at.dequantized(data, scales, np.zeros(1, np.int64), 0)]
