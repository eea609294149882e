"""Operators that ONNX defines by others, written as those; what ONNX Runtime renames, as ONNX's.

ONNX gives Attention of opset 23 and its like a body of simpler operators. Its shapes and masks are
computed from extents, which are known, so the reader folds them away.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import onnx
import onnx.helper
import onnx.inliner
import onnx.numpy_helper
import onnx.shape_inference

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.coded_operators import CODED
from tinyrig.generator.frontends.joined_operators import JOINED, write_layer_norm
from tinyrig.generator.frontends.replacing import Rule, facts_of, replaced

CONTRIBUTED_DOMAIN = "com.microsoft"
STANDARD_DOMAINS = ("", "ai.onnx")
_REDUCTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "ReduceL1": ("Abs", ""),
        "ReduceL2": ("Mul", "Sqrt"),
        "ReduceLogSum": ("", "Log"),
        "ReduceSumSquare": ("Mul", ""),
    }
)
"""What stands before and behind the ReduceSum of reductions; ONNX gives them a body since 18."""
_SUMS = frozenset({"Sum", "Mean"})
_WITH_BODIES = frozenset(
    {"Attention", "RotaryEmbedding", "Swish", "SwiGLU", "MeanVarianceNormalization"}
    | {"ReduceLogSumExp", *_REDUCTIONS}
)
_RULES: Mapping[str, Rule] = MappingProxyType({**CODED, **JOINED})
WRITTEN_IN_PARTS = _WITH_BODIES | _SUMS | _RULES.keys() - {"com.microsoft.FastGelu"}
"""Operators that are read as the operators of their body, or of their definition."""
_REDUCTION_BODIES = 18
_LAYER_NORM_OPSET = 17
_SUM_TAKES_AXES = 13
RENAMED = frozenset({"QuantizeLinear", "DequantizeLinear"})
"""Contributed operators that are ONNX's own under another name."""


def in_parts(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with the operators of WRITTEN_IN_PARTS as their bodies, RENAMED as ONNX's.

    The model is not changed; itself is returned where it has none of them. Raises InputError where
    ONNX cannot tell a body, which follows from types.
    """
    if any(node.domain == CONTRIBUTED_DOMAIN and node.op_type in RENAMED for node in _nodes(model)):
        renamed = onnx.ModelProto()
        renamed.CopyFrom(model)
        for node in renamed.graph.node:
            if node.domain == CONTRIBUTED_DOMAIN and node.op_type in RENAMED:
                node.domain = ""
        model = renamed
    model = _defined(_apart(model))
    names = sorted(_standard(model) & _WITH_BODIES)
    if not names:
        return model
    try:
        typed = onnx.shape_inference.infer_shapes(model)
        made = onnx.inliner.inline_selected_functions(
            typed, [("", name) for name in names], inline_schema_functions=True
        )
    except (RuntimeError, ValueError, onnx.shape_inference.InferenceError) as error:
        words = " ".join(str(error).split())[:300]
        raise InputError(f"{', '.join(names)} cannot be written in parts: {words}") from error
    return made


def _apart(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with ONNX Runtime's own operators as ONNX's, as far as they can be told.

    Ranks of what other such operators write are known once these are written.
    """
    opset = _opset(model)
    rules = {_domain_and_op(name): rule for name, rule in _RULES.items()}
    if opset < _LAYER_NORM_OPSET:
        rules["", "LayerNormalization"] = write_layer_norm
    left, found = -1, _count(model, rules)
    while found and found != left:
        model = replaced(model, rules, facts_of(_inferred(model), opset))
        left, found = found, _count(model, rules)
    return model


def _count(model: onnx.ModelProto, rules: Mapping[tuple[str, str], Rule]) -> int:
    return sum((node.domain, node.op_type) in rules for node in model.graph.node)


def _domain_and_op(name: str) -> tuple[str, str]:
    domain, _, op = name.rpartition(".")
    return domain, op


def _inferred(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with the shapes that ONNX can tell, itself where it finds it invalid."""
    try:
        return onnx.shape_inference.infer_shapes(model)
    except (RuntimeError, ValueError, onnx.shape_inference.InferenceError):
        return model


def _opset(model: onnx.ModelProto) -> int:
    return max((o.version for o in model.opset_import if o.domain in STANDARD_DOMAINS), default=0)


def _standard(model: onnx.ModelProto) -> set[str]:
    """Return the types of ONNX's own operators in a model."""
    return {node.op_type for node in _nodes(model) if node.domain in STANDARD_DOMAINS}


def _defined(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with what has no body in its opset as the operators of its definition."""
    opset = _opset(model)
    bodiless = _SUMS | (_REDUCTIONS.keys() if opset < _REDUCTION_BODIES else frozenset())
    if not _standard(model) & bodiless:
        return model
    made = onnx.ModelProto()
    made.CopyFrom(model)
    del made.graph.node[:]
    for node in model.graph.node:
        if node.domain not in STANDARD_DOMAINS or node.op_type not in bodiless:
            made.graph.node.append(node)
        elif node.op_type in _SUMS:
            _write_sum(made.graph, node)
        else:
            _write_reduction(made.graph, node, opset)
    return made


def _write_sum(graph: onnx.GraphProto, node: onnx.NodeProto) -> None:
    """Append a Sum or Mean of any number of tensors as an Add of two at a time."""
    output, count = node.output[0], len(node.input)
    steps = [("Add", name) for name in node.input[1:]]
    if node.op_type == "Mean" and count > 1:
        share = onnx.numpy_helper.from_array(np.asarray(1 / count, np.float32), f"{output}:share")
        graph.initializer.append(share)
        steps.append(("Mul", share.name))
    last = node.input[0] if node.input else ""
    for number, (op, other) in enumerate(steps or [("Identity", "")], 1):
        inputs = [last, other] if other else [last]
        last = f"{output}:{number}" if number < len(steps) else output
        made = onnx.helper.make_node(op, inputs, [last], name=f"{node.name or output}.{number}")
        graph.node.append(made)


def _write_reduction(graph: onnx.GraphProto, node: onnx.NodeProto, opset: int) -> None:
    """Append a reduction as its ReduceSum, with what stands before and behind it."""
    before, behind = _REDUCTIONS[node.op_type]
    output, label, inputs = node.output[0], node.name or node.output[0], list(node.input)
    attributes = list(node.attribute)
    if before:
        inputs = [f"{output}:each"]
        operands = [node.input[0]] * (2 if before == "Mul" else 1)
        graph.node.append(onnx.helper.make_node(before, operands, inputs, name=f"{label}.each"))
    if opset >= _SUM_TAKES_AXES:
        for axes in [one for one in attributes if one.name == "axes"]:
            given = np.asarray(axes.ints, np.int64)
            graph.initializer.append(onnx.numpy_helper.from_array(given, f"{output}:axes"))
            inputs.append(f"{output}:axes")
            attributes.remove(axes)
    total = f"{output}:sum" if behind else output
    made = onnx.helper.make_node("ReduceSum", inputs, [total], name=label)
    made.attribute.extend(attributes)
    graph.node.append(made)
    if behind:
        graph.node.append(
            onnx.helper.make_node(behind, [total], [output], name=f"{label}.{behind}")
        )


def _nodes(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    return list(model.graph.node)
