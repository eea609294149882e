"""QLinear operators, against ONNX Runtime's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from qdq_models import QdqModel, compare

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.suite.models.survey import survey

CONTRIBUTED: dict[str, Any] = {"domain": "com.microsoft"}


class CodesModel(QdqModel):
    """A model of operators on codes; reals beside them say their ranges, and nothing reads them."""

    def __init__(self, seed: int, opset: int, unsigned: bool = False) -> None:
        super().__init__(np.random.default_rng(seed), opset)
        self._unsigned = unsigned

    def pair(self, value: str, scale: float, zero_point: int, *_: bool) -> str:
        """Add Q and DQ of the model's one type of codes."""
        return super().pair(value, scale, zero_point, self._unsigned)

    def of(self, real: str) -> list[str]:
        """Return the codes, the scale and the zero point of a DequantizeLinear's result."""
        return list(next(node for node in self._nodes if node.output[0] == real).input)

    def steps(self, real: str, beside: str = "") -> list[str]:
        """Return a scale and a zero point for the range of reals."""
        return self.of(self.quantised(real, beside))[1:]

    def shown(self, codes: str, steps: list[str]) -> str:
        return self.node("DequantizeLinear", codes, *steps)

    def bias(self, count: int) -> str:
        return self.constant(self.rng.integers(-3000, 3000, count).astype(np.int32))


def conv(m: CodesModel, axis: int | None, bias: bool, **attributes: Any) -> str:
    group = attributes.get("group", 1)
    x, w = m.activation((1, 4, 7, 6)), m.weight((8, 4 // group, 3, 3), axis)
    steps = m.steps(m.node("Conv", x, w, **attributes))
    more = [m.bias(8)] if bias else []
    return m.shown(m.node("QLinearConv", *m.of(x), *m.of(w), *steps, *more, **attributes), steps)


def matmul(m: CodesModel, axis: int | None, constant: bool) -> str:
    x = m.activation((2, 5, 6))
    w = m.weight((6, 7), axis) if constant else m.activation((2, 6, 7))
    steps = m.steps(m.node("MatMul", x, w))
    return m.shown(m.node("QLinearMatMul", *m.of(x), *m.of(w), *steps), steps)


def gemm(m: CodesModel, axis: int | None, real: bool, **attributes: Any) -> str:
    x = m.activation((5, 6))
    w = m.weight((7, 6) if attributes.get("transB") else (6, 7), axis)
    steps = m.steps(m.node("Gemm", x, w, **attributes))
    inputs = [*m.of(x), *m.of(w), m.bias(7)]
    if real:
        y = m.node("QGemm", *inputs, **attributes, **CONTRIBUTED)
        return m.node("DequantizeLinear", m.node("QuantizeLinear", y, *steps), *steps)
    return m.shown(m.node("QGemm", *inputs, *steps, **attributes, **CONTRIBUTED), steps)


def binary(m: CodesModel, op: str, shape: tuple[int, ...]) -> str:
    a, b = m.activation((1, 4, 6)), m.activation(shape)
    steps = m.steps(m.node(op, a, b))
    return m.shown(m.node(f"QLinear{op}", *m.of(a), *m.of(b), *steps, **CONTRIBUTED), steps)


def unary(m: CodesModel, op: str, shape: tuple[int, ...], **attributes: Any) -> str:
    x = m.activation(shape)
    steps = m.steps(m.node(op, x, **attributes), x)
    more = {"opset": m.opset} if op == "Softmax" else {}
    y = m.node(f"QLinear{op}", *m.of(x), *steps, **attributes, **more, **CONTRIBUTED)
    return m.shown(y, steps)


def concat(m: CodesModel) -> str:
    parts = [m.activation((1, n, 5)) for n in (2, 3, 1)]
    steps = m.steps(m.node("Concat", *parts, axis=1))
    triples = [name for part in parts for name in m.of(part)]
    return m.shown(m.node("QLinearConcat", *steps, *triples, axis=1, **CONTRIBUTED), steps)


def where(m: CodesModel) -> str:
    a, b = m.activation((1, 4, 6)), m.activation((1, 4, 6))
    chosen = m.constant(m.rng.random((4, 6)) < 0.5)
    steps = m.steps(m.node("Where", chosen, a, b))
    y = m.node("QLinearWhere", chosen, *m.of(a), *m.of(b), *steps, **CONTRIBUTED)
    return m.shown(y, steps)


FORMS: dict[str, Callable[[CodesModel], str]] = {
    "conv": lambda m: conv(m, None, True),
    "conv by channel": lambda m: conv(m, 0, True, strides=[2, 1], pads=[1, 0, 1, 2]),
    "conv depthwise": lambda m: conv(m, 0, False, group=4, auto_pad="SAME_UPPER"),
    "matmul": lambda m: matmul(m, None, True),
    "matmul by column": lambda m: matmul(m, 1, True),
    "matmul of two": lambda m: matmul(m, None, False),
    "gemm": lambda m: gemm(m, None, False, transB=1, alpha=0.5),
    "gemm by channel": lambda m: gemm(m, 0, False, transB=1),
    "gemm by column": lambda m: gemm(m, 1, False),
    "gemm of reals": lambda m: gemm(m, 1, True, alpha=2.0),
    "add": lambda m: binary(m, "Add", (1, 4, 6)),
    "mul": lambda m: binary(m, "Mul", (4, 1)),
    "sigmoid": lambda m: unary(m, "Sigmoid", (1, 4, 6)),
    "leaky": lambda m: unary(m, "LeakyRelu", (1, 4, 6), alpha=0.2),
    "softmax": lambda m: unary(m, "Softmax", (1, 4, 6), axis=-1),
    "average": lambda m: unary(
        m, "AveragePool", (1, 4, 6, 7), kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1]
    ),
    "global average": lambda m: unary(m, "GlobalAveragePool", (1, 4, 6, 7)),
    "concat": concat,
    "where": where,
}


@pytest.mark.parametrize("unsigned", [False, True])
@pytest.mark.parametrize("opset", [13, 21])
@pytest.mark.parametrize("form", FORMS)
def test_an_operator_on_codes(form: str, opset: int, unsigned: bool) -> None:
    m = CodesModel(0, opset, unsigned)
    assert compare(m.case(FORMS[form](m))).largest <= 1


def test_codes_that_two_read_are_one_tensor() -> None:
    m = CodesModel(3, 17)
    x = m.activation((1, 4, 6))
    steps = m.steps(m.node("Sigmoid", x))
    y = m.node("QLinearSigmoid", *m.of(x), *steps, **CONTRIBUTED)
    both = m.steps(m.node("Add", x, m.shown(y, steps)))
    z = m.node("QLinearAdd", *m.of(x), y, *steps, *both, **CONTRIBUTED)
    case = m.case(m.shown(z, both))
    assert compare(case).largest <= 1
    assert len(graph_from_model(case.model, "two").inputs) == 1


@pytest.mark.parametrize("what", ["rows", "channels last", "old softmax", "scale"])
def test_a_form_that_reals_have_not_is_refused(what: str) -> None:
    m = CodesModel(3, 17)
    x = m.activation((1, 4, 6, 3))
    steps = m.of(m.pair(x, 1 / 256, -128))[1:]
    if what == "scale":
        computed = m.node("Abs", steps[0])
        y = m.node(
            "QLinearMatMul", *m.of(x)[:1], computed, *m.of(x)[2:], *m.of(m.weight((3, 2))), *steps
        )
    elif what == "rows":
        x = m.activation((4, 3))
        rows, zeros = m.floats([0.1, 0.2, 0.3, 0.4]), m.constant(np.zeros(4, np.int8))
        codes = m.constant(np.ones((4, 3), np.int8))
        y = m.node("QLinearMatMul", codes, rows, zeros, *m.of(m.weight((3, 2))), *steps)
    elif what == "channels last":
        y = m.node("QLinearGlobalAveragePool", *m.of(x), *steps, channels_last=1, **CONTRIBUTED)
    else:
        y = m.node("QLinearSoftmax", *m.of(x), *steps, axis=1, opset=11, **CONTRIBUTED)
    model = m.model([m.shown(y, steps)])
    with pytest.raises(UnsupportedError, match="QLinear"):
        graph_from_model(model, "refused")
    assert survey(model, "refused").obstacles
