"""Operators on codes (QOperator graphs of ONNX Runtime), against ONNX Runtime's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from qdq_models import Array, Case, QdqModel, compare

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.coded_operators import CODED

CONTRIBUTED = "com.microsoft"


@dataclass(frozen=True)
class Coded:
    """Codes, their scale and zero point, as an operator on codes reads them."""

    names: tuple[str, str, str]


def codes(
    m: QdqModel, shape: tuple[int, ...], step: float, zero: int, kind: type = np.uint8
) -> Coded:
    name = m.activation(shape)
    x = next(reversed(m.feeds))
    m.feeds[x] = m.rng.uniform(-100 * step, 120 * step, shape).astype(np.float32)
    del name
    own = (m.floats(step), m.constant(np.asarray(zero, kind)))
    return Coded((m.node("QuantizeLinear", x, *own), *own))


def weights(m: QdqModel, shape: tuple[int, ...], channels: int = 0) -> Coded:
    data: Array = m.rng.integers(-127, 128, shape).astype(np.int8)
    steps = m.rng.uniform(0.002, 0.02, channels or 1).astype(np.float32)
    zero = np.zeros(channels, np.int8) if channels else np.int8(0)
    own = (m.floats(steps if channels else steps[0]), m.constant(np.asarray(zero)))
    return Coded((m.constant(data), *own))


def shown(
    m: QdqModel, op: str, *inputs: Any, step: float, zero: int, kind: type = np.uint8, **said: Any
) -> Case:
    """A node of an operator on codes; `...` stands for the output's scale and zero point."""
    own = (m.floats(step), m.constant(np.asarray(zero, kind)))
    names: list[str] = []
    for one in inputs:
        names += own if one is ... else one.names if isinstance(one, Coded) else [one]
    domain = "" if op in CODED else CONTRIBUTED
    return m.case(m.node("DequantizeLinear", m.node(op, *names, domain=domain, **said), *own))


def conv(m: QdqModel, channels: int, bias: bool, op: str = "QLinearConv") -> Case:
    x, w = codes(m, (1, 3, 6, 6), 0.02, 120), weights(m, (4, 3, 3, 3), channels)
    more = [m.constant(m.rng.integers(-4000, 4000, 4).astype(np.int32))] if bias else []
    said = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]}
    return shown(m, op, x, w, ..., *more, step=0.05, zero=110, **said)


def gemm(m: QdqModel, channels: int, *, transposed: int) -> Case:
    x, w = codes(m, (3, 8), 0.02, 120), weights(m, (5, 8) if transposed else (8, 5), channels)
    bias = m.constant(m.rng.integers(-4000, 4000, 5).astype(np.int32))
    said = {"alpha": 0.5, "transB": transposed}
    return shown(m, "QGemm", x, w, bias, ..., step=0.03, zero=110, **said)


def of_two(m: QdqModel, op: str, step: float) -> Case:
    x, y = codes(m, (2, 4, 5), 0.02, 120), codes(m, (4, 5), 0.03, 90)
    return shown(m, op, x, y, ..., step=step, zero=100)


def of_one(m: QdqModel, op: str, step: float, zero: int, **said: Any) -> Case:
    return shown(m, op, codes(m, (1, 4, 6, 6), 0.03, 120), ..., step=step, zero=zero, **said)


def where(m: QdqModel) -> Case:
    x, y = codes(m, (2, 4), 0.02, 120), codes(m, (2, 4), 0.03, 90)
    flags = m.constant(m.rng.random((2, 4)) > 0.5)
    return shown(m, "QLinearWhere", flags, x, y, ..., step=0.03, zero=100)


def concat(m: QdqModel) -> Case:
    x, y = codes(m, (2, 4), 0.02, 120), codes(m, (2, 3), 0.03, 90)
    return shown(m, "QLinearConcat", ..., x, y, step=0.03, zero=100, axis=1)


WINDOW = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]}
CASES: dict[str, Callable[[QdqModel], Case]] = {
    "QLinearConv": lambda m: conv(m, 0, bias=True),
    "QLinearConv, by channel": lambda m: conv(m, 4, bias=True),
    "QLinearConv, no bias": lambda m: conv(m, 4, bias=False),
    "QLinearMatMul": lambda m: shown(
        m, "QLinearMatMul", codes(m, (2, 3, 8), 0.02, 5, np.int8), weights(m, (8, 5), 5), ...,
        step=0.05, zero=-3, kind=np.int8,
    ),
    "QGemm": lambda m: gemm(m, 5, transposed=0),
    "QGemm, transposed": lambda m: gemm(m, 5, transposed=1),
    "QLinearAdd": lambda m: of_two(m, "QLinearAdd", 0.04),
    "QLinearMul": lambda m: of_two(m, "QLinearMul", 0.05),
    "QLinearAveragePool": lambda m: of_one(m, "QLinearAveragePool", 0.02, 120, **WINDOW),
    "QLinearAveragePool, all": lambda m: of_one(
        m, "QLinearAveragePool", 0.02, 120, count_include_pad=1, **WINDOW
    ),
    "QLinearGlobalAveragePool": lambda m: of_one(m, "QLinearGlobalAveragePool", 0.01, 120),
    "QLinearLeakyRelu": lambda m: of_one(m, "QLinearLeakyRelu", 0.02, 30, alpha=0.2),
    "QLinearSigmoid": lambda m: of_one(m, "QLinearSigmoid", 1 / 256, 0),
    "QLinearSoftmax": lambda m: of_one(m, "QLinearSoftmax", 1 / 256, 0, axis=1, opset=13),
    "QLinearConcat": concat,
    "QLinearWhere": where,
}  # fmt: skip


@pytest.mark.parametrize("opset", [13, 18])
@pytest.mark.parametrize("name", CASES)
def test_an_operator_on_codes_answers_as_onnx_runtimes(name: str, opset: int) -> None:
    assert compare(CASES[name](QdqModel(np.random.default_rng(5), opset))).largest <= 1


@pytest.mark.parametrize(
    ("axis", "opset", "by_axis", "runs"),
    [(1, 13, 11, False), (-1, 13, 11, True), (1, 13, 13, True)],
)
def test_a_softmax_over_several_axes_is_refused(
    axis: int, opset: int, by_axis: int, runs: bool
) -> None:
    """Before opset 13 the axes from one on are one row, which the node says of itself."""
    m = QdqModel(np.random.default_rng(5), opset)
    case = of_one(m, "QLinearSoftmax", 1 / 256, 0, axis=axis, opset=by_axis)
    if runs:
        assert compare(case).largest <= 1
        return
    with pytest.raises(UnsupportedError, match="QLinearSoftmax"):
        graph_from_model(case.model, "case")


def test_channels_last_is_refused() -> None:
    m = QdqModel(np.random.default_rng(5), 17)
    case = of_one(m, "QLinearGlobalAveragePool", 0.01, 120, channels_last=1)
    with pytest.raises(UnsupportedError, match="QLinearGlobalAveragePool"):
        graph_from_model(case.model, "case")


ON_CODES: dict[str, Callable[[QdqModel, str], str]] = {
    "pad": lambda m, x: m.node("Pad", x, m.ints([0, 0, 1, 1, 0, 0, 1, 1])),
    "pad of a code": lambda m, x: m.node(
        "Pad", x, m.ints([0, 0, 1, 1, 0, 0, 1, 1]), m.constant(np.asarray(100, np.uint8))
    ),
    "pad by reflection": lambda m, x: m.node(
        "Pad", x, m.ints([0, 0, 1, 1, 0, 0, 1, 1]), mode="reflect"
    ),
    "resize": lambda m, x: m.node("Resize", x, "", m.floats([1, 1, 2, 2]), mode="nearest"),
    "depth to space": lambda m, x: m.node("DepthToSpace", x, blocksize=2),
    "greatest": lambda m, x: m.node("ReduceMax", x, axes=[2, 3]),
    "slice without axes": lambda m, x: m.node(
        "Slice", x, m.ints([0]), m.ints([1]), "", m.ints([1])
    ),
}


@pytest.mark.parametrize("name", ON_CODES)
def test_codes_are_moved_as_they_are(name: str) -> None:
    m = QdqModel(np.random.default_rng(5), 17)
    x = codes(m, (1, 4, 6, 6), 0.03, 120)
    moved = ON_CODES[name](m, x.names[0])
    assert compare(m.case(m.node("DequantizeLinear", moved, *x.names[1:]))).largest == 0
