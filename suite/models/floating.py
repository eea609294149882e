"""A float ONNX graph as the quantizer takes it: operators whole, constants where they belong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.check import check_model, is_quantized
from tinyrig.generator.frontends.extents import with_extents
from tinyrig.generator.frontends.matching import View
from tinyrig.generator.frontends.norm_patterns import apply_norms
from tinyrig.generator.frontends.pointwise import FLAGS
from tinyrig.generator.frontends.reader import read_source
from tinyrig.generator.frontends.registry import SUPPORTED_OPS
from tinyrig.generator.frontends.source import Source, SourceNode, Value
from tinyrig.suite.models.gates import gates_apart
from tinyrig.suite.models.scaled_convs import with_scales_inside

_SCALARS = frozenset({"Pow", "PRelu", "Where", *FLAGS})


def float_source(model: onnx.ModelProto) -> Source:
    """Return a float model's source form: norms in parts are one node, biases are rows.

    Raises InputError and UnsupportedError as the frontend does for the quantized model.
    """
    checked, _ = with_extents(check_model(model))
    if is_quantized(checked):
        raise InputError("The model is quantized already; calibration data is for float models.")
    return prepared(read_source(checked, model.graph.name or "model", SUPPORTED_OPS))


def prepared(source: Source) -> Source:
    """Return a float source with norms whole, the gates of LSTM and GRU apart, and constants as the
    quantizer takes them."""
    scaled = _with_scalars(with_scales_inside(source))
    return gates_apart(_with_row_biases(apply_norms(scaled)))


def _with_scalars(source: Source) -> Source:
    """Give a pointwise operator whose constant holds one number throughout that number."""
    view = View(source)
    values = dict(source.values)
    nodes = [_scalar_operand(view, node, values) for node in source.nodes]
    return replace(source, nodes=tuple(nodes), values=values)


def _scalar_operand(view: View, node: SourceNode, values: dict[str, Value]) -> SourceNode:
    """Give a node scalars for such constants; its first operand has its shape, and is none."""
    same = values[node.inputs[0]].shape == values[node.outputs[0]].shape
    if node.op not in _SCALARS or not same or view.constant(node.inputs[0]) is not None:
        return node
    inputs = list(node.inputs)
    for slot, given in enumerate(node.inputs):
        constant = view.constant(given)
        if constant is None or constant.data is None or constant.is_scalar:
            continue
        first = constant.data.reshape(-1)[:1]
        if np.all(constant.data == first):
            inputs[slot] = f"{constant.name}:scalar"
            values[inputs[slot]] = Value(inputs[slot], (), first.reshape(()))
    return replace(node, inputs=tuple(inputs))


def _with_row_biases(source: Source) -> Source:
    """Make every constant bias C of a Gemm a row [N], or an Add of its own where it cannot be."""
    view = View(source)
    values = dict(source.values)
    nodes: list[SourceNode] = []
    for node in source.nodes:
        nodes += _gemm(view, node, values) if node.op == "Gemm" else [node]
    return replace(source, nodes=tuple(nodes), values=values)


def _gemm(view: View, node: SourceNode, values: dict[str, Value]) -> list[SourceNode]:
    bias = view.constant(node.input(2))
    if bias is None or bias.data is None:
        return [node]
    channels = values[node.outputs[0]].shape[-1]
    beta = node.real("beta", 1.0)
    attributes = {key: value for key, value in node.attributes.items() if key != "beta"}
    data = np.atleast_1d(bias.data) * beta
    rows = np.broadcast_to(data, (*data.shape[:-1], channels)).reshape(-1, channels)
    name = f"{node.outputs[0]}:bias"
    if np.array_equal(rows, np.broadcast_to(rows[:1], rows.shape)):
        if bias.shape == (channels,) and beta == 1.0:
            return [node]
        values[name] = Value(name, (channels,), rows[0].copy())
        inputs = (*node.inputs[:2], name)
        return [replace(node, inputs=inputs, attributes=attributes)]
    product = f"{node.outputs[0]}:product"
    values[name] = Value(name, data.shape, data)
    values[product] = Value(product, values[node.outputs[0]].shape)
    return [
        replace(node, inputs=node.inputs[:2], outputs=(product,), attributes=attributes),
        SourceNode("Add", f"{node.name}.bias", (product, name), node.outputs),
    ]
