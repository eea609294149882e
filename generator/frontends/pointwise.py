"""Real functions of one variable, as ONNX defines them, for tables of 256 values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.graph.gelu import erf, gelu
from tinyrig.generator.graph.quantization import FloatArray

Function = Callable[[SourceNode, FloatArray], FloatArray]


def _plain(function: Callable[[FloatArray], FloatArray]) -> Function:
    return lambda _node, x: function(x)


def _sigmoid(x: FloatArray) -> FloatArray:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def _softplus(x: FloatArray) -> FloatArray:
    return np.logaddexp(0.0, x)


def _gelu_tanh(x: FloatArray) -> FloatArray:
    return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))


def _gelu(node: SourceNode, x: FloatArray) -> FloatArray:
    kind = node.text("approximate", "none")
    if kind not in ("none", "tanh"):
        raise UnsupportedError(f"{node} has approximate={kind!r}; supported: 'none', 'tanh'.")
    return _gelu_tanh(x) if kind == "tanh" else gelu(x)


def _elu(node: SourceNode, x: FloatArray) -> FloatArray:
    return np.where(x < 0, node.real("alpha", 1.0) * np.expm1(x), x)


def _selu(node: SourceNode, x: FloatArray) -> FloatArray:
    alpha = node.real("alpha", 1.6732632423543772)
    return node.real("gamma", 1.0507009873554805) * np.where(x < 0, alpha * np.expm1(x), x)


def _celu(node: SourceNode, x: FloatArray) -> FloatArray:
    alpha = node.real("alpha", 1.0)
    return np.maximum(x, 0.0) + np.minimum(0.0, alpha * np.expm1(x / alpha))


def _leaky_relu(node: SourceNode, x: FloatArray) -> FloatArray:
    return np.where(x < 0, node.real("alpha", 0.01) * x, x)


def _thresholded_relu(node: SourceNode, x: FloatArray) -> FloatArray:
    return np.where(x > node.real("alpha", 1.0), x, 0.0)


def _hard_sigmoid(node: SourceNode, x: FloatArray) -> FloatArray:
    return np.clip(node.real("alpha", 0.2) * x + node.real("beta", 0.5), 0.0, 1.0)


def _quick_gelu(node: SourceNode, x: FloatArray) -> FloatArray:
    return x * _sigmoid(node.real("alpha", 1.702) * x)


def _shrink(node: SourceNode, x: FloatArray) -> FloatArray:
    edge, bias = node.real("lambd", 0.5), node.real("bias", 0.0)
    return np.where(x < -edge, x + bias, np.where(x > edge, x - bias, 0.0))


UNARY: Mapping[str, Function] = MappingProxyType(
    {
        "Abs": _plain(np.abs),
        "Acos": _plain(np.arccos),
        "Acosh": _plain(np.arccosh),
        "Asin": _plain(np.arcsin),
        "Asinh": _plain(np.arcsinh),
        "Atan": _plain(np.arctan),
        "Atanh": _plain(np.arctanh),
        "Cast": _plain(lambda x: x),  # of flags: others are dropped
        "Ceil": _plain(np.ceil),
        "Celu": _celu,
        "Cos": _plain(np.cos),
        "Cosh": _plain(np.cosh),
        "Elu": _elu,
        "Erf": _plain(erf),
        "Exp": _plain(np.exp),
        "Floor": _plain(np.floor),
        "Gelu": _gelu,
        "HardSigmoid": _hard_sigmoid,
        "HardSwish": _plain(lambda x: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0)),
        "LeakyRelu": _leaky_relu,
        "Log": _plain(np.log),
        "Mish": _plain(lambda x: x * np.tanh(_softplus(x))),
        "Neg": _plain(np.negative),
        "Not": _plain(lambda x: 1.0 - x),
        "Reciprocal": _plain(np.reciprocal),
        "Relu": _plain(lambda x: np.maximum(x, 0.0)),
        "Requantize": _plain(lambda x: x),
        "Round": _plain(np.rint),
        "Selu": _selu,
        "Sigmoid": _plain(_sigmoid),
        "Sign": _plain(np.sign),
        "Shrink": _shrink,
        "Sin": _plain(np.sin),
        "Sinh": _plain(np.sinh),
        "Softplus": _plain(_softplus),
        "Softsign": _plain(lambda x: x / (1.0 + np.abs(x))),
        "Sqrt": _plain(np.sqrt),
        "Tan": _plain(np.tan),
        "Tanh": _plain(np.tanh),
        "ThresholdedRelu": _thresholded_relu,
        "com.microsoft.FastGelu": _plain(_gelu_tanh),
        "com.microsoft.Gelu": _plain(gelu),
        "com.microsoft.QuickGelu": _quick_gelu,
    }
)

BINARY: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = MappingProxyType(
    {
        "Add": np.add,
        "Sub": np.subtract,
        "Mul": np.multiply,
        "Div": np.divide,
        "Pow": np.power,
        "Min": np.minimum,
        "Max": np.maximum,
        "PRelu": lambda x, slope: np.where(x < 0, slope * x, x),
    }
)


def _flags(function: np.ufunc) -> Callable[[FloatArray, FloatArray], FloatArray]:
    """Compared in float32, as the model does: a code may be the very number in it."""
    return lambda a, b: np.asarray(
        function(a.astype(np.float32), b.astype(np.float32)), dtype=np.float64
    )


def _chosen(flag: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    return np.where(flag != 0.0, a, b)


FLAGS: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = MappingProxyType(
    {
        "And": _flags(np.logical_and),
        "Equal": _flags(np.equal),
        "Greater": _flags(np.greater),
        "GreaterOrEqual": _flags(np.greater_equal),
        "Less": _flags(np.less),
        "LessOrEqual": _flags(np.less_equal),
        "Or": _flags(np.logical_or),
        "Xor": _flags(np.logical_xor),
    }
)
"""What is true or false of two, as 1 and 0."""

JOINING: Mapping[str, Callable[..., FloatArray]] = MappingProxyType(
    {**BINARY, **FLAGS, "Where": _chosen}
)
"""Operators that join functions of one tensor, and scalars, to another function of it."""
