"""What real values a tensor without a QuantizeLinear can take, from what its operands can take.

Exact interval arithmetic: no input whose codes are int8 leaves the range found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from tinyrig.generator.frontends.pointwise import BINARY, UNARY
from tinyrig.generator.frontends.source import Source, SourceNode, Value
from tinyrig.generator.graph.quantization import CODES, FloatArray, dequantise
from tinyrig.generator.graph.tensor import Affine

Interval = tuple[float, float]


class _Span(NamedTuple):
    """What an activation of this shape can take."""

    low: float
    high: float
    shape: tuple[int, ...]


_Operand = _Span | FloatArray
_Rule = Callable[[SourceNode, list[_Operand]], Interval | None]

_GRID = 2**14 + 1
# Results lie between the least and the greatest value of the first operand and 0.
_WITHIN_FIRST = (
    *("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Slice"),
    *("Gather", "Split", "MaxPool", "GlobalMaxPool"),
    *("AveragePool", "GlobalAveragePool", "ReduceMean"),
)


class Bounds:
    """The intervals of a source's tensors; `seen` are those known better, by name."""

    def __init__(self, source: Source, seen: Mapping[str, Interval]) -> None:
        self._source = source
        self._found: dict[str, Interval | None] = {}
        for name in source.inputs:
            self._found[name] = _of_affine(source.values[name])
        for node in source.nodes:
            for name in filter(None, node.outputs):
                value = source.values[name]
                self._found[name] = _of_affine(value) or seen.get(name) or self._written(node)

    def of(self, name: str) -> Interval | None:
        """Return the least and the greatest value; None when nothing bounds them."""
        return self._found.get(name)

    def _written(self, node: SourceNode) -> Interval | None:
        operands: list[_Operand] = []
        for name in filter(None, node.inputs):
            value, span = self._source.values[name], self._found.get(name)
            if value.data is not None:
                operands.append(np.asarray(value.data, dtype=np.float64))
            elif span is not None:
                operands.append(_Span(*span, value.shape))
            else:
                return None
        rule = _RULES.get(node.op) or (_unary if node.op in UNARY else None)
        found = None if rule is None else rule(node, operands)
        return found if found is not None and np.isfinite(found).all() else None


def grid(interval: Interval) -> FloatArray:
    """Return reals from end to end of an interval, close together."""
    return np.linspace(*interval, _GRID)


def pointwise(node: SourceNode, operands: list[FloatArray]) -> FloatArray | None:
    """Return a pointwise operator's values where its operands have theirs; None for another."""
    with np.errstate(all="ignore"):
        if node.op in UNARY:
            return UNARY[node.op](node, operands[0])
        if node.op in BINARY and len(operands) == 2:
            return BINARY[node.op](operands[0], operands[1])
    if node.op != "Clip":
        return None
    ends = iter(operands[1:])
    low = next(ends) if node.input(1) else np.float64(-math.inf)
    high = next(ends) if node.input(2) else np.float64(math.inf)
    return np.minimum(np.maximum(operands[0], low), high)


def span_of(affine: Affine) -> Interval:
    """Return the least and the greatest real value of an affine's codes."""
    real = dequantise(CODES, affine)
    return float(real[0]), float(real[-1])


def _of_affine(value: Value) -> Interval | None:
    return None if value.affine is None else span_of(value.affine)


def _ends(operand: _Operand) -> Interval:
    if isinstance(operand, _Span):
        return operand.low, operand.high
    return (float(operand.min()), float(operand.max())) if operand.size else (0.0, 0.0)


def _hull(values: FloatArray) -> Interval | None:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else None


def _unary(node: SourceNode, operands: list[_Operand]) -> Interval | None:
    found = pointwise(node, [grid(_ends(operands[0]))])
    return None if found is None else _hull(found)


def _clip(node: SourceNode, operands: list[_Operand]) -> Interval | None:
    if any(isinstance(end, _Span) for end in operands[1:]):
        return None
    ends = [np.asarray(end, dtype=np.float64) for end in operands[1:]]
    found = pointwise(node, [np.array(_ends(operands[0])), *ends])
    return None if found is None else _hull(found)


def _corners(node: SourceNode, operands: list[_Operand]) -> Interval | None:
    """Sum, difference, product, quotient: the extremes lie where both operands have theirs."""
    a, b = (_ends(operand) for operand in operands[:2])
    if node.op == "Div" and b[0] <= 0.0 <= b[1]:
        return None
    with np.errstate(all="ignore"):
        return _hull(BINARY[node.op](np.array(a)[:, None], np.array(b)))


def _first(_node: SourceNode, operands: list[_Operand]) -> Interval | None:
    low, high = _ends(operands[0])
    return min(low, 0.0), max(high, 0.0)


def _joined(_node: SourceNode, operands: list[_Operand]) -> Interval | None:
    return _hull(np.array([_ends(operand) for operand in operands]))


def _conv(_node: SourceNode, operands: list[_Operand]) -> Interval | None:
    weight = operands[1]
    if isinstance(weight, _Span):
        return None
    rows = weight.reshape(len(weight), -1).T if weight.ndim else weight
    return _affine(operands[0], rows, operands[2] if len(operands) > 2 else np.zeros(1))


def _matmul(_node: SourceNode, operands: list[_Operand]) -> Interval | None:
    a, b = operands[:2]
    bias = operands[2] if len(operands) > 2 else np.zeros(1)
    if not isinstance(b, _Span):
        return _affine(a, b if b.ndim > 1 else b[:, np.newaxis], bias)
    if isinstance(a, _Span):
        return _product(a, b)
    return _affine(b, np.swapaxes(np.atleast_2d(a), -1, -2), bias)


def _gemm(node: SourceNode, operands: list[_Operand]) -> Interval | None:
    a, b = operands[:2]
    bias = operands[2] if len(operands) > 2 else np.zeros(1)
    if isinstance(bias, _Span):
        return None
    if isinstance(b, _Span):
        return None if isinstance(a, np.ndarray) else _product(a, b, node.integer("transA", 0))
    weight = node.real("alpha", 1.0) * (b.T if node.integer("transB", 0) else b)
    return _affine(a, weight, node.real("beta", 1.0) * bias)


def _product(a: _Span, b: _Span, transposed: int = 0) -> Interval | None:
    """Return the reach of a sum of as many products as a has columns."""
    terms = a.shape[0 if transposed else -1]
    corners = np.array([a.low, a.high])[:, np.newaxis] * np.array([b.low, b.high])
    return _hull(terms * corners)


def _affine(x: _Operand, weight: FloatArray, bias: _Operand) -> Interval | None:
    """Return the reach of x @ weight + bias for x [..., K] anywhere in its interval, or 0."""
    if not isinstance(x, _Span) or isinstance(bias, _Span):
        return None
    low, high = min(x.low, 0.0), max(x.high, 0.0)  # a convolution's padding is 0
    least = np.minimum(weight * low, weight * high).sum(axis=-2) + bias
    most = np.maximum(weight * low, weight * high).sum(axis=-2) + bias
    return _hull(np.concatenate([least.ravel(), most.ravel()]))


def _norm(node: SourceNode, operands: list[_Operand]) -> Interval | None:
    """A normalised row of n elements has none beyond the root of n."""
    x, gain, shift = (*operands, np.zeros(1))[:3]
    if not isinstance(x, _Span) or isinstance(gain, _Span) or isinstance(shift, _Span):
        return None
    reach = np.abs(gain) * math.sqrt(math.prod(x.shape[node.integer("axis", -1) :]))
    return _hull(np.concatenate([(shift - reach).ravel(), (shift + reach).ravel()]))


def _log_softmax(node: SourceNode, operands: list[_Operand]) -> Interval | None:
    """No score lies further below the largest than their interval; as many may be equal as are."""
    x = operands[0]
    if not isinstance(x, _Span):
        return None
    # By default a row is the last axis, or before opset 13 all from the second on: at most these.
    axis = node.integer("axis", min(1, len(x.shape) - 1))
    return x.low - x.high - math.log(math.prod(x.shape[axis:])), 0.0


_RULES: Mapping[str, _Rule] = MappingProxyType(
    dict.fromkeys(BINARY, _corners)
    | dict.fromkeys(_WITHIN_FIRST, _first)
    | dict.fromkeys(("LayerNormalization", "RMSNormalization"), _norm)
    | {
        "Clip": _clip,
        "Concat": _joined,
        "Conv": _conv,
        "Gemm": _gemm,
        "LogSoftmax": _log_softmax,
        "MatMul": _matmul,
        "Softmax": lambda _node, _operands: (0.0, 1.0),
    }
)
