"""Operators that ONNX defines by others, written as those; what ONNX Runtime renames, as ONNX's.

ONNX gives Attention of opset 23 and its like a body of simpler operators. Its shapes and masks are
computed from extents, which are known, so the reader folds them away.
"""

from __future__ import annotations

import onnx
import onnx.inliner
import onnx.shape_inference

from tinyrig.generator.errors import InputError

CONTRIBUTED_DOMAIN = "com.microsoft"
STANDARD_DOMAINS = ("", "ai.onnx")
WRITTEN_IN_PARTS = frozenset(
    {"Attention", "RotaryEmbedding", "Swish", "SwiGLU", "MeanVarianceNormalization"}
    | {"ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"}
)
"""Operators of ONNX that are read as the operators of their body."""
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
    found = {node.op_type for node in _nodes(model) if node.domain in STANDARD_DOMAINS}
    names = sorted(found & WRITTEN_IN_PARTS)
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


def _nodes(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    return list(model.graph.node)
