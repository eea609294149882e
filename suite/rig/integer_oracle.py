"""What a model of the integer dialect says, operator by operator, in whole numbers.

It shares nothing with the frontend that lowers such models but their standard form: every operator
of the file is computed on its own, on int64 or, where ONNX's own evaluator computes it, on float64,
which holds every sum of these models exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.dialect.standard import DOMAIN
from tinyrig.suite.models.signals import Sample

Array = NDArray[Any]
_FRACTION = 256
_MOST_SHIFT = 31


class DialectEvaluator:
    """A standardised model, evaluated on samples whose arrays stand in its order."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._evaluator = ReferenceEvaluator(_in_doubles(model), new_ops=_OPERATORS)
        self._inputs = [i.name for i in model.graph.input if i.name not in _constants(model)]
        self._outputs = [info.name for info in model.graph.output]

    def outputs(self, sample: Sample) -> list[Array]:
        """Return the model's outputs, in its own order."""
        found = self.tensors(sample)
        return [found[name] for name in self._outputs]

    def tensors(self, sample: Sample) -> dict[str, Array]:
        """Return everything that is computed. Raises InputError where something cannot be."""
        arrays = zip(self._inputs, sample.values(), strict=True)
        feed = {name: array.astype(np.float64) for name, array in arrays}
        try:
            found = self._evaluator.run(None, feed, intermediate=True)
        except (ValueError, RuntimeError, TypeError) as error:
            raise InputError(f"The integer model cannot be evaluated: {error}") from error
        return {name: np.asarray(data) for name, data in dict(found).items() if name}


def _constants(model: onnx.ModelProto) -> set[str]:
    return {tensor.name for tensor in model.graph.initializer}


def _in_doubles(model: onnx.ModelProto) -> onnx.ModelProto:
    made = onnx.ModelProto()
    made.CopyFrom(model)
    for tensor in made.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            data = onnx.numpy_helper.to_array(tensor).astype(np.float64)
            tensor.CopyFrom(onnx.numpy_helper.from_array(data, tensor.name))
    for node in made.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.t.data_type == onnx.TensorProto.FLOAT:
                data = onnx.numpy_helper.to_array(attribute.t).astype(np.float64)
                attribute.t.CopyFrom(onnx.numpy_helper.from_array(data))
    return made


def _whole(x: Array) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.rint(x).astype(np.int64)
    return found


def _along_channels(constant: Array, rank: int) -> NDArray[np.int64]:
    """Return mul or add as it broadcasts; [C] and [C, 1, 1] run along the channels of images."""
    whole = _whole(constant)
    along = rank > len(("n", "c")) and whole.ndim in (1, rank) and len(whole) == whole.size > 1
    return whole.reshape(1, -1, *(1,) * (rank - 2)) if along else whole


def _requant_shift(at: Any, x: Array, mul: Array, add: Array) -> Any:
    levels = int(getattr(at, "n_levels_out", None) or at.n_levels)
    half = levels // 2 if int(getattr(at, "signed", 1)) else 0
    shift = int(at.div).bit_length() - 1
    rounding = (1 << shift) >> 1
    acc = _whole(x) * _along_channels(mul, x.ndim) + _along_channels(add, x.ndim) + rounding
    return np.clip(acc >> shift, -half, levels - half - 1)


def _softmax(at: Any, x: Array) -> Any:
    t = _whole(x) - _whole(x).max(axis=-1, keepdims=True)
    z = np.clip(-t // int(at.log2), 0, _MOST_SHIFT)
    p = t + z * int(at.log2)
    e = (int(at.coeffA) * (p + int(at.coeffB)) ** 2 + int(at.coeffC)) >> z
    return e * (int(at.n_levels) - 1) // e.sum(axis=-1, keepdims=True)


def _ita_max(at: Any, x: Array) -> Any:
    return _ita(x, x.shape[-1], int(at.n_levels) - 1)


def _ita_partial_max(at: Any, x: Array) -> Any:
    return _ita(x, int(at.group_width), int(at.n_levels) // 2 - 1)


def _ita(x: Array, width: int, most: int) -> Any:
    """Rows in groups: the sum so far is shifted down when a group brings a new maximum."""
    codes = _whole(x)
    largest = np.full((*codes.shape[:-1], 1), -128)
    total = np.zeros_like(largest)
    for first in range(0, codes.shape[-1], width):
        group = codes[..., first : first + width]
        top = np.maximum(largest, group.max(axis=-1, keepdims=True))
        total = total >> ((top - largest + 16) >> 5)
        largest = top
        total += (_FRACTION >> ((top - group + 16) >> 5)).sum(axis=-1, keepdims=True)
    inverse = most * _FRACTION // total
    return inverse >> ((largest - codes + 16) >> 5)


def _gelu(at: Any, x: Array) -> Any:
    code = _whole(x)
    q = np.minimum(np.abs(code), -int(at.b))
    bent = np.sign(code) * (-((q + int(at.b)) ** 2) + int(at.one))
    return code * ((int(at.one) + bent) >> 1)


def _hardswish(at: Any, x: Array) -> Any:
    code = _whole(x)
    return code * np.clip(code + int(at.three), 0, int(at.six)) * int(at.one_over_six)


def _truncated(a: Any, b: Any) -> Any:
    return np.sign(a) * (np.abs(a) // b)


def _layer_norm(at: Any, x: Array, weight: Array, bias: Array) -> Any:
    code, length = _whole(x), x.shape[-1]
    mean = _truncated(code.sum(axis=-1, keepdims=True), length)
    return _normalised(at, code - mean, weight, bias)


def _rms_norm(at: Any, x: Array, weight: Array) -> Any:
    return _normalised(at, _whole(x), weight, np.zeros(1))


def _normalised(at: Any, centred: NDArray[np.int64], weight: Array, bias: Array) -> Any:
    variance = (centred**2).sum(axis=-1, keepdims=True) // centred.shape[-1] + 1
    root = np.vectorize(math.isqrt, otypes=[np.int64])(variance)
    levels = int(at.n_levels)
    scaled = _truncated(centred * _whole(weight), root) + _whole(bias)
    shifted = scaled >> (int(at.D).bit_length() - 1)
    return np.clip(shifted, -(levels // 2), levels // 2 - 1)


def _mean(at: Any, x: Array, *_: Array) -> Any:
    axes = tuple(int(axis) for axis in at.axes)
    mean = _whole(x).sum(axis=axes, keepdims=bool(at.keepdims))
    count = math.prod(x.shape[axis] for axis in axes)
    return (2 * mean + count) // (2 * count)


def _quotient(at: Any, x: Array, divisor: Array | None = None) -> Any:
    """Of two tensors, or by the attribute `y`."""
    over = np.asarray(at.y) if divisor is None else divisor
    eta = int(at.eta)
    below = _whole(over) * eta + int(at.eps)
    above = _whole(x) * int(at.Delta) * eta
    if at.division == "rounded":
        return _truncated(above + np.sign(above) * (below >> 1), below)
    return above // below


def _convolution(at: Any, x: Array, weight: Array, bias: Array | None = None) -> Any:
    """By PyTorch: ONNX's evaluator takes a minute for an image of 96 by 96."""
    import torch

    axes = x.ndim - 2
    pads = at.pads or [0] * (2 * axes)
    around = [side for axis in reversed(range(axes)) for side in (pads[axis], pads[axis + axes])]
    image = torch.nn.functional.pad(torch.tensor(x), around)
    convolve = torch.nn.functional.conv2d if axes == 2 else torch.nn.functional.conv1d
    summed = convolve(
        image,
        torch.tensor(weight),
        None if bias is None else torch.tensor(bias),
        at.strides or 1,
        0,
        at.dilations or 1,
        at.group or 1,
    )
    return summed.numpy()


def _operator(name: str, domain: str, compute: Callable[..., Any]) -> type[OpRun]:
    def run(self: OpRun, *operands: Array, **_: Any) -> tuple[Array]:
        return (np.asarray(compute(self, *operands), dtype=np.float64),)

    return type(name, (OpRun,), {"op_domain": domain, "_run": run})


_OPERATORS = [
    _operator("RequantShift", DOMAIN, _requant_shift),
    _operator("iSoftmax", DOMAIN, _softmax),
    _operator("ITAMax", DOMAIN, _ita_max),
    _operator("ITAPartialMax", DOMAIN, _ita_partial_max),
    _operator("iGELU", DOMAIN, _gelu),
    _operator("iHardswish", DOMAIN, _hardswish),
    _operator("iLayerNorm", DOMAIN, _layer_norm),
    _operator("iRMSNorm", DOMAIN, _rms_norm),
    _operator("IntegerDiv", DOMAIN, _quotient),
    _operator("TrueIntegerDiv", DOMAIN, _quotient),
    _operator("ReduceMean", "", _mean),
    _operator("Conv", "", _convolution),
]
