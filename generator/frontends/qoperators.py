"""Operators on codes, as ONNX and ONNX Runtime have them, read as the QDQ form they stand for.

A QLinear operator reads codes with their scale and zero point, computes on the reals they stand
for, and writes codes: a DequantizeLinear before, the operator, a QuantizeLinear behind. Its bias is
of int32 in steps of the product of the other two scales.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_CONTRIBUTED = "com.microsoft"
_PER_CHANNEL_OPSET = 13
_SOFTMAX_ROWS_OPSET = 13

Scales = NDArray[np.float32]


def with_reals(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model whose QLinear operators are those on reals, between quantizers.

    One with scales computed at run time, or with a form that reals have not, stays as it is. The
    model is not changed; itself is returned where it has none of them.
    """
    if not any(_key(node) in _FORMS for node in model.graph.node):
        return model
    made = onnx.ModelProto()
    made.CopyFrom(model)
    del made.graph.node[:]
    writer = _Writer(made, _constants(model))
    for node in model.graph.node:
        form = _FORMS.get(_key(node))
        if form is None or not form(writer, node):
            made.graph.node.append(node)
    return made


def _key(node: onnx.NodeProto) -> str:
    return f"{node.domain}.{node.op_type}" if node.domain == _CONTRIBUTED else node.op_type


def _constants(model: onnx.ModelProto) -> dict[str, onnx.TensorProto]:
    found = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        values = [one.t for one in node.attribute if one.name == "value"]
        if node.op_type == "Constant" and values:
            found[node.output[0]] = values[0]
    return found


class _Writer:
    """Writes nodes to a model's graph; one DequantizeLinear for each tensor and its scale."""

    def __init__(self, model: onnx.ModelProto, constants: Mapping[str, onnx.TensorProto]) -> None:
        self.opset = max(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
        self._graph = model.graph
        self._constants = constants
        self._read: dict[tuple[str, ...], str] = {}

    def scales(self, name: str) -> Scales | None:
        """Return a scale's numbers; None where the model does not hold them."""
        tensor = self._constants.get(name)
        if tensor is None or tensor.data_type != onnx.TensorProto.FLOAT:
            return None
        return numpy_helper.to_array(tensor)

    def real(self, codes: str, scale: str, zero: str, axis: int | None = None) -> str:
        """Return the name of the reals that codes stand for."""
        key = (codes, scale, zero, str(axis))
        if key not in self._read:
            self._read[key] = name = f"{codes}:real{len(self._read)}"
            inputs = [codes, scale, zero] if zero else [codes, scale]
            said = {} if axis is None else {"axis": axis}
            self._append("DequantizeLinear", inputs, name, f"{name}.dq", **said)
        return self._read[key]

    def bias(self, codes: str, scales: Scales) -> str:
        """Return the name of a bias [N] of int32 as reals."""
        scale = f"{codes}:scale{len(self._read)}"
        flat = scales.reshape(-1)
        given = flat if flat.size > 1 else flat.reshape(())
        self._graph.initializer.append(numpy_helper.from_array(given, scale))
        return self.real(codes, scale, "", 0 if flat.size > 1 else None)

    def operator(
        self, node: onnx.NodeProto, op: str, inputs: Sequence[str], to: Sequence[str], *left: str
    ) -> None:
        """Append a node's operator on reals, and what makes codes of its result.

        `to` are scale and zero point of the codes; none where the result is real. `left` are the
        attributes that the operator has not.
        """
        real = f"{node.output[0]}:real" if to else node.output[0]
        made = self._append(op, inputs, real, node.name or real)
        made.attribute.extend(one for one in node.attribute if one.name not in left)
        if to:
            steps = [name for name in to if name]
            self._append("QuantizeLinear", [real, *steps], node.output[0], f"{real}.q")

    def _append(
        self, op: str, inputs: Sequence[str], output: str, name: str, **attributes: int
    ) -> onnx.NodeProto:
        made = helper.make_node(op, list(inputs), [output], name)
        made.attribute.extend(helper.make_attribute(*one) for one in attributes.items())
        self._graph.node.append(made)
        return self._graph.node[-1]


def _slots(node: onnx.NodeProto, count: int) -> list[str]:
    return [*node.input, *[""] * count][:count]


def _attribute(node: onnx.NodeProto, name: str, default: int) -> int:
    return next((int(one.i) for one in node.attribute if one.name == name), default)


def _axis(writer: _Writer, scale: str, axis: int) -> tuple[bool, int | None]:
    """Return whether a scale can be said, and along which axis it has a number for each index."""
    found = writer.scales(scale)
    if found is None or found.size == 1:
        return found is not None, None
    return found.ndim == 1 and writer.opset >= _PER_CHANNEL_OPSET, axis


def _conv(writer: _Writer, node: onnx.NodeProto) -> bool:
    x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias = _slots(node, 9)
    steps, said = writer.scales(x_scale), _axis(writer, w_scale, 0)
    weights = writer.scales(w_scale)
    if steps is None or steps.size != 1 or weights is None or not said[0]:
        return False
    inputs = [writer.real(x, x_scale, x_zero), writer.real(w, w_scale, w_zero, said[1])]
    if bias:
        inputs.append(writer.bias(bias, steps.reshape(-1) * weights))
    writer.operator(node, "Conv", inputs, [y_scale, y_zero])
    return True


def _matmul(writer: _Writer, node: onnx.NodeProto) -> bool:
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = _slots(node, 8)
    left, right = _axis(writer, a_scale, -2), _axis(writer, b_scale, -1)
    if not left[0] or left[1] is not None or not right[0]:
        return False
    inputs = [writer.real(a, a_scale, a_zero), writer.real(b, b_scale, b_zero, right[1])]
    writer.operator(node, "MatMul", inputs, [y_scale, y_zero])
    return True


def _gemm(writer: _Writer, node: onnx.NodeProto) -> bool:
    a, a_scale, a_zero, b, b_scale, b_zero, bias, y_scale, y_zero = _slots(node, 9)
    steps, weights = writer.scales(a_scale), writer.scales(b_scale)
    said = _axis(writer, b_scale, 0 if _attribute(node, "transB", 0) else 1)
    if steps is None or steps.size != 1 or weights is None or not said[0]:
        return False
    inputs = [writer.real(a, a_scale, a_zero), writer.real(b, b_scale, b_zero, said[1])]
    if bias:
        alpha = next((one.f for one in node.attribute if one.name == "alpha"), 1.0)
        inputs.append(writer.bias(bias, np.float32(alpha) * steps.reshape(-1) * weights))
    writer.operator(node, "Gemm", inputs, [y_scale, y_zero] if y_scale else [])
    return True


def _binary(op: str) -> Callable[[_Writer, onnx.NodeProto], bool]:
    def form(writer: _Writer, node: onnx.NodeProto) -> bool:
        a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = _slots(node, 8)
        inputs = [writer.real(a, a_scale, a_zero), writer.real(b, b_scale, b_zero)]
        writer.operator(node, op, inputs, [y_scale, y_zero])
        return True

    return form


def _unary(op: str) -> Callable[[_Writer, onnx.NodeProto], bool]:
    def form(writer: _Writer, node: onnx.NodeProto) -> bool:
        x, x_scale, x_zero, y_scale, y_zero = _slots(node, 5)
        rows = _attribute(node, "opset", writer.opset) < _SOFTMAX_ROWS_OPSET
        other = op == "Softmax" and rows != (writer.opset < _SOFTMAX_ROWS_OPSET)
        if _attribute(node, "channels_last", 0) or (other and _attribute(node, "axis", -1) != -1):
            return False
        reals = [writer.real(x, x_scale, x_zero)]
        writer.operator(node, op, reals, [y_scale, y_zero], "channels_last", "opset")
        return True

    return form


def _concat(writer: _Writer, node: onnx.NodeProto) -> bool:
    y_scale, y_zero, *parts = node.input
    triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    reals = [writer.real(*triple) for triple in triples]
    writer.operator(node, "Concat", reals, [y_scale, y_zero])
    return True


def _where(writer: _Writer, node: onnx.NodeProto) -> bool:
    condition, x, x_scale, x_zero, y, y_scale, y_zero, z_scale, z_zero = _slots(node, 9)
    reals = [writer.real(x, x_scale, x_zero), writer.real(y, y_scale, y_zero)]
    writer.operator(node, "Where", [condition, *reals], [z_scale, z_zero])
    return True


_FORMS: Mapping[str, Callable[[_Writer, onnx.NodeProto], bool]] = MappingProxyType(
    {
        "QLinearConv": _conv,
        "QLinearMatMul": _matmul,
        f"{_CONTRIBUTED}.QGemm": _gemm,
        f"{_CONTRIBUTED}.QLinearConcat": _concat,
        f"{_CONTRIBUTED}.QLinearWhere": _where,
        **{f"{_CONTRIBUTED}.QLinear{op}": _binary(op) for op in ("Add", "Mul")},
        **{
            f"{_CONTRIBUTED}.QLinear{op}": _unary(op)
            for op in ("Sigmoid", "LeakyRelu", "Softmax", "AveragePool", "GlobalAveragePool")
        },
    }
)
ON_CODES = frozenset(_FORMS)
"""The operators that are read so, by their names with the domain."""
