"""Operators on codes, as the operators on reals between DequantizeLinear and QuantizeLinear.

`quantize_static(quant_format=QuantFormat.QOperator)` of ONNX Runtime writes them, and so do its
graph optimisations of a QDQ graph. Each is defined as what is written here: real inputs by their
scales and zero points, a bias of int32 by the product of the scales, the result rounded to codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tinyrig.generator.frontends.replacing import PER_CHANNEL_OPSET, Replacing, Rule

_OPSET_OF_SOFTMAX_BY_AXIS = 13


def _real(at: Replacing, slot: int, axis: int | None = None) -> str:
    """Write the reals of an input, its scale and zero point behind it; '' where that cannot be.

    `axis` counts the channels, where there may be a scale for each.
    """
    along: dict[str, Any] = {}
    if at.size(slot + 1) > 1 or at.size(slot + 2) > 1:
        if axis is None or at.facts.opset < PER_CHANNEL_OPSET:
            return ""
        along = {"axis": axis}
    names = [name for name in (at.input(slot + n) for n in range(3)) if name]
    return at.write("DequantizeLinear", names, **along)


def _codes(at: Replacing, real: str, slot: int) -> bool:
    """Write the codes of the result, its scale and zero point from a slot on."""
    if not at.input(slot + 1):
        return False  # the type of the codes would be the input's, which is not known here
    names = [real, at.input(slot), at.input(slot + 1)]
    at.write("QuantizeLinear", names, at.output(0))
    return True


def _bias(at: Replacing, slot: int, scales: tuple[int, int]) -> str:
    """Write the reals of a bias of int32, which has the product of two scales."""
    scale = at.write("Mul", [at.input(one) for one in scales])
    along: dict[str, Any] = {"axis": 0} if at.facts.opset >= PER_CHANNEL_OPSET else {}
    return at.write("DequantizeLinear", [at.input(slot), scale], **along)


def _conv(at: Replacing) -> bool:
    said = {name: value for name, value in at.said.items() if name != "channels_last"}
    inputs = [_real(at, 0), _real(at, 3, axis=0)]
    if at.said.get("channels_last", 0) or not all(inputs):
        return False
    if at.input(8):
        inputs.append(_bias(at, 8, (1, 4)))
    return _codes(at, at.write("Conv", inputs, **said), 6)


def _matmul(at: Replacing) -> bool:
    inputs = [_real(at, 0), _real(at, 3, axis=-1)]
    return all(inputs) and _codes(at, at.write("MatMul", inputs), 6)


def _gemm(at: Replacing) -> bool:
    """A bias has the product of the scales and of alpha, and an output without scale is real."""
    alpha = at.said.get("alpha", 1.0)
    inputs = [_real(at, 0), _real(at, 3, axis=0 if at.said.get("transB", 0) else 1)]
    if not all(inputs):
        return False
    if at.input(6):
        inputs.append(_bias(at, 6, (1, 4)))
    said = {"alpha": alpha, "beta": alpha, **at.kept("transA", "transB")}
    if at.input(7):
        return _codes(at, at.write("Gemm", inputs, **said), 7)
    at.write("Gemm", inputs, at.output(0), **said)
    return True


def _binary(op: str) -> Rule:
    def write(at: Replacing) -> bool:
        inputs = [_real(at, 0), _real(at, 3)]
        return all(inputs) and _codes(at, at.write(op, inputs), 6)

    return write


def _unary(op: str, *attributes: str) -> Rule:
    def write(at: Replacing) -> bool:
        real = _real(at, 0)
        if at.said.get("channels_last", 0) or not real:
            return False
        return _codes(at, at.write(op, [real], **at.kept(*attributes)), 3)

    return write


def _softmax(at: Replacing) -> bool:
    axis = at.said.get("axis", -1)
    by_axis = at.said.get("opset", 0) >= _OPSET_OF_SOFTMAX_BY_AXIS
    own = at.facts.opset >= _OPSET_OF_SOFTMAX_BY_AXIS
    real = _real(at, 0)
    if not real or (axis != -1 and by_axis != own):
        return False
    return _codes(at, at.write("Softmax", [real], axis=axis), 3)


def _concat(at: Replacing) -> bool:
    inputs = [_real(at, slot) for slot in range(2, len(at.node.input), 3)]
    return all(inputs) and _codes(at, at.write("Concat", inputs, **at.kept("axis")), 0)


def _where(at: Replacing) -> bool:
    inputs = [_real(at, 1), _real(at, 4)]
    return all(inputs) and _codes(at, at.write("Where", [at.input(0), *inputs]), 7)


_WINDOW = ("auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides")
CODED: Mapping[str, Rule] = MappingProxyType(
    {
        "QLinearConv": _conv,
        "QLinearMatMul": _matmul,
        "com.microsoft.QGemm": _gemm,
        "com.microsoft.QLinearAdd": _binary("Add"),
        "com.microsoft.QLinearAveragePool": _unary("AveragePool", *_WINDOW),
        "com.microsoft.QLinearConcat": _concat,
        "com.microsoft.QLinearConv": _conv,
        "com.microsoft.QLinearGlobalAveragePool": _unary("GlobalAveragePool"),
        "com.microsoft.QLinearLeakyRelu": _unary("LeakyRelu", "alpha"),
        "com.microsoft.QLinearMul": _binary("Mul"),
        "com.microsoft.QLinearSigmoid": _unary("Sigmoid"),
        "com.microsoft.QLinearSoftmax": _softmax,
        "com.microsoft.QLinearWhere": _where,
    }
)
"""What writes each operator on codes in parts, by its name with its domain."""
