"""Float models as exporters write them, and how far their quantized form is from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.quantize import quantize_static
from tinyrig.suite.models.sessions import float_session
from tinyrig.suite.reference.boundary import dequantize_output, quantize_input
from tinyrig.suite.reference.executor import run_reference

SHAPE = (1, 6, 16)
RNG = np.random.default_rng(0)
FEEDS = RNG.standard_normal((8, *SHAPE)).astype(np.float32)
ROW = RNG.standard_normal(16).astype(np.float32)
SQUARE = (0.3 * RNG.standard_normal((16, 16))).astype(np.float32)


def model_of(
    nodes: Sequence[NodeProto],
    constants: Mapping[str, Any],
    *,
    opset: int = 17,
    shape: Sequence[int | str] = SHAPE,
    out: Sequence[int | str] | None = None,
) -> onnx.ModelProto:
    """Return a model from x to y with those of the constants that are read."""
    read = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, out or shape)],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items() if k in read],
    )
    ir_version = 7 if opset < 15 else 8 if opset < 21 else 11
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version
    )


def calibrated(
    model: onnx.ModelProto, feeds: NDArray[np.float32] = FEEDS
) -> tuple[Graph, onnx.ModelProto]:
    """Return the integer graph of a float model, and the QDQ model between."""
    quantized = quantize_static(model, [{"x": x} for x in feeds])
    return graph_from_model(quantized, "case"), quantized


def steps_off(
    model: onnx.ModelProto, feeds: NDArray[np.float32] = FEEDS
) -> tuple[float, list[str]]:
    """Return the largest distance from the float model in output steps, and the operators."""
    graph, _ = calibrated(model, feeds)
    session = float_session(model)
    (source,), (result,) = graph.inputs, graph.outputs
    affine = graph.tensors[result].affine
    worst = 0.0
    for x in feeds:
        codes = quantize_input(x, graph.tensors[source].affine)
        got = dequantize_output(run_reference(graph, {source: codes})[result], affine)
        (right,) = session.run(None, {"x": x})
        worst = max(worst, float(np.abs(got - right).max()) / affine.scale)
    return worst, [node.op for node in graph.nodes]
