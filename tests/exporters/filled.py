"""A model as it is compared: constants stored, and a pair of Q and DQ where we fitted a scale.

What a file leaves in float has codes of ours, which are told. ONNX Runtime is given them too, so
that what is behind is compared on the same values.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.frontends.bounds import Interval
from tinyrig.generator.frontends.check import check_model
from tinyrig.generator.frontends.fitted import fit_products
from tinyrig.generator.frontends.patterns import apply_patterns
from tinyrig.generator.frontends.reader import read_source
from tinyrig.generator.frontends.registry import SUPPORTED_OPS
from tinyrig.generator.graph.tensor import Affine


def filled(model: onnx.ModelProto, seen: Mapping[str, Interval]) -> onnx.ModelProto:
    """Return the model with quantizers where the frontend puts scales of its own."""
    source = apply_patterns(read_source(check_model(model), "filled", SUPPORTED_OPS))
    fitted = fit_products(source, seen).affines
    shown = {info.name for info in model.graph.output}
    inner = {name: affine for name, affine in fitted.items() if name not in shown}
    if not inner:
        return model
    made = onnx.ModelProto()
    made.CopyFrom(model)
    nodes: list[onnx.NodeProto] = []
    for name in (name for name in inner if name in {info.name for info in model.graph.input}):
        nodes += _pair(made, name, inner[name])
    for node in made.graph.node:
        for slot, name in enumerate(node.input):
            if name in inner:
                node.input[slot] = f"{name}:filled"
        nodes.append(node)
        for name in node.output:
            if name in inner:
                nodes += _pair(made, name, inner[name])
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del made.graph.node[:]
    made.graph.node.extend(copies)
    return made


def _pair(model: onnx.ModelProto, name: str, affine: Affine) -> list[onnx.NodeProto]:
    step, zero = f"{name}:filled_scale", f"{name}:filled_zero"
    model.graph.initializer.append(numpy_helper.from_array(np.float32(affine.scale), step))
    model.graph.initializer.append(numpy_helper.from_array(np.int8(affine.zero_point), zero))
    codes = f"{name}:filled_codes"
    return [
        helper.make_node("QuantizeLinear", [name, step, zero], [codes]),
        helper.make_node("DequantizeLinear", [codes, step, zero], [f"{name}:filled"]),
    ]


def plain(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model as the comparison reads it: constants stored, zero points said."""
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    graph = plain.graph
    kept = []
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            tensor = graph.initializer.add()
            tensor.CopyFrom(node.attribute[0].t)
            tensor.name = node.output[0]
        else:
            kept.append(node)
    ranks = {tensor.name: len(tensor.dims) for tensor in graph.initializer}
    for node in kept:
        if node.op_type == "QuantizeLinear" and len(node.input) == 2 and not ranks[node.input[1]]:
            said = {a.name: a.i for a in node.attribute}.get("output_dtype", TensorProto.UINT8)
            name = f"{node.output[0]}:zero"
            zero = np.zeros((), helper.tensor_dtype_to_np_dtype(said))
            graph.initializer.append(numpy_helper.from_array(zero, name))
            node.input.append(name)
    del graph.node[:]
    graph.node.extend(kept)
    return plain
