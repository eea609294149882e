"""Quantizers written out in arithmetic, as DeepQuant exports them, run as QuantizeLinear does."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from frontends.qdq_models import Array, Case, QdqModel, compare, run_onnx
from onnx import TensorProto, helper

from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.check import check_model, is_quantized
from tinyrig.generator.graph.ops import Conv, Linear, MatMul
from tinyrig.suite.models.survey import survey

_BYTES = (-128, 127)


class _Written(QdqModel):
    """A model of float tensors that hold codes."""

    def __init__(self, opset: int = 13) -> None:
        super().__init__(np.random.default_rng(4), opset)

    def given(self, *shape: int) -> str:
        name = self.name("x")
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        self.feeds[name] = self.rng.normal(0, 1, shape).astype(np.float32)
        return name

    def codes(
        self, x: str, scale: float, zero: float = 0.0, limits: tuple[int, int] = _BYTES
    ) -> str:
        """Div, Add, Round and Clip, whose ends pass through Casts."""
        y = self.node("Add", self.node("Div", x, self.floats(scale)), self.floats(zero))
        ends = [self.node("Cast", self.ints(end), to=TensorProto.FLOAT) for end in limits]
        return self.node("Clip", self.node("Round", y), *ends)

    def real(self, codes: str, scale: Any, zero: float = 0.0) -> str:
        """Sub and Mul."""
        return self.node("Mul", self.node("Sub", codes, self.floats(zero)), self.floats(scale))

    def pair(self, value: str, scale: float, zero_point: int = 0, unsigned: bool = False) -> str:
        limits = (0, 255) if unsigned else _BYTES
        return self.real(self.codes(value, scale, zero_point, limits), scale, zero_point)

    def coded(self, shape: tuple[int, ...], scale: float, bits: int = 8) -> str:
        """A constant's codes: its own chain of so many bits."""
        data = self.floats(self.rng.normal(0, 40 * scale * 2 ** (bits - 8), shape))
        return self.codes(data, scale, 0.0, (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))


def _same(m: _Written, output: str, steps: int = 1) -> onnx.ModelProto:
    """The rewritten model answers as what was written, and the integer graph as both."""
    model = m.model([output])
    read = check_model(model)
    assert is_quantized(read)
    expected, found = (run_onnx(Case(one, m.feeds))[0] for one in (model, read))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    assert np.abs(expected).max() > 0
    case = compare(Case(read, m.feeds))
    assert case.largest <= steps
    assert case.elements > 2 * case.different
    return read


@pytest.mark.parametrize("zero", [0, -7])
@pytest.mark.parametrize("bits", [4, 8])
def test_a_linear_layer_of_codes(zero: int, bits: int) -> None:
    """Sums of codes whose zero point is not 0 hold it as often as the weights say."""
    m = _Written()
    x = m.codes(m.pair(m.given(5, 12), 0.02, zero), 0.02, zero)
    w = m.node("Transpose", m.coded((6, 12), 0.01, bits), perm=[1, 0])
    sums = m.node("Add", m.floats(np.rint(m.rng.normal(0, 300, 6))), m.node("MatMul", x, w))
    y = m.pair(m.real(sums, 0.02 * 0.01), 0.05, 3)
    read = _same(m, last := m.pair(m.node("Relu", y), 0.03, -128))
    assert not survey(m.model([last]), "m").obstacles
    (linear,) = (n for n in graph_from_model(read, "m").nodes if isinstance(n, Linear))
    assert np.abs(linear.weight).max() > 2 ** (bits - 2)
    assert np.abs(linear.weight).max() <= 2 ** (bits - 1)


@pytest.mark.parametrize("pads", [0, 1])
def test_a_convolution_of_codes_by_scales_of_channels(pads: int) -> None:
    m = _Written()
    x = m.codes(m.given(1, 3, 6, 5), 0.03)
    w, b = m.coded((4, 3, 3, 3), 0.01), m.floats(np.rint(m.rng.normal(0, 300, 4)))
    sums = m.node("Conv", x, w, b, pads=[pads] * 4, kernel_shape=[3, 3])
    scale = 0.03 * np.array([0.01, 0.02, 0.005, 0.01]).reshape(1, 4, 1, 1)
    read = _same(m, m.pair(m.real(sums, scale), 0.05, 3))
    assert any(isinstance(n, Conv) for n in graph_from_model(read, "m").nodes)


def test_a_gemm_of_unsigned_codes_behind_a_reshape() -> None:
    m = _Written()
    x = m.codes(m.node("Relu", m.given(2, 3, 4)), 0.01, 0.0, (0, 255))
    flat = m.node("Reshape", x, m.ints([2, 12]))
    sums = m.node("Gemm", flat, m.coded((5, 12), 0.02), m.floats(np.full(5, 40.0)), transB=1)
    _same(m, m.pair(m.real(sums, 0.0002, 2.0), 0.02, 3, unsigned=True))


def test_a_product_of_two_computed_operands() -> None:
    m = _Written()
    q, k = (m.codes(m.pair(m.given(1, 5, 8), 0.02), 0.02) for _ in range(2))
    scores = m.node("MatMul", q, m.node("Transpose", k, perm=[0, 2, 1]))
    read = _same(m, m.pair(m.real(scores, 0.0004), 0.04))
    assert any(isinstance(n, MatMul) for n in graph_from_model(read, "m").nodes)


def test_fewer_codes_are_clipped_to_their_ends() -> None:
    m = _Written()
    x = m.given(4, 9)
    y = m.real(m.codes(x, 0.2, 1.0, (-8, 7)), 0.2, 1.0)
    read = _same(m, y)
    assert sum(node.op_type == "Clip" for node in read.graph.node) == 1
    assert run_onnx(Case(read, m.feeds))[0].max() == pytest.approx(0.2 * (7 - 1))


def _left(change: str) -> onnx.ModelProto:
    """A layer with one thing that is not as it is read."""
    m = _Written()
    zero, limits = (0.5 if change == "zero point" else -7.0), _BYTES
    if change == "codes":
        limits = (-200, 127)
    x = m.codes(m.given(1, 3, 5, 6), 0.03, zero, limits)
    if change == "another reader":
        x = m.node("Add", m.node("Relu", x), x)
    pads = [1 if change == "padding" else 0] * 4
    sums = m.node("Conv", x, m.coded((4, 3, 3, 3), 0.01), pads=pads, kernel_shape=[3, 3])
    # As many columns as channels: a vector counts the former.
    return m.model([m.real(sums, np.full(4 if change == "columns" else 1, 0.0003))])


def _quantizers(model: onnx.ModelProto) -> int:
    return sum(node.op_type == "QuantizeLinear" for node in check_model(model).graph.node)


@pytest.mark.parametrize("change", ["zero point", "codes", "another reader", "padding", "columns"])
def test_what_is_another_arithmetic_is_left_alone(change: str) -> None:
    assert _quantizers(_left("")) == 1
    assert _quantizers(_left(change)) == 0


def test_scales_of_channels_need_an_opset_that_has_them() -> None:
    found = []
    for opset in (12, 13):
        m = _Written(opset)
        w: Array = np.array([0.001, 0.002, 0.003])
        sums = m.node("MatMul", m.codes(m.given(2, 8), 0.1), m.coded((8, 3), 0.01))
        found.append(_quantizers(m.model([m.real(sums, w)])))
    assert found == [0, 1]
