"""Exports a zoo network as a float ONNX graph: static shapes, batch 1, the same bytes each time."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from torch import nn

from tinyrig.suite.models.initializers import constants_to_initializers

# From opset 17 LayerNormalization is one operator, from opset 20 Gelu.
OPSET = 20
_IR_VERSION = 9


def export_onnx(
    module: nn.Module,
    input_shapes: Mapping[str, tuple[int, ...]],
    output_names: Sequence[str],
    name: str,
) -> onnx.ModelProto:
    """Export `module` in eval mode; constants become initializers, nodes carry module paths.

    The TorchScript exporter is chosen over the newer one because its result depends on the
    exactly pinned torch alone, not on the versions of onnxscript and its optimiser.
    """
    example = tuple(torch.zeros(shape) for shape in input_shapes.values())
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            module.eval(),
            example,
            Path(folder) / "model.onnx",
            input_names=list(input_shapes),
            output_names=list(output_names),
            opset_version=OPSET,
            dynamo=False,
        )
        model = onnx.load_model(Path(folder) / "model.onnx")
    constants_to_initializers(model.graph)
    _plain_names(model.graph)
    model.graph.name = name
    model.ir_version = _IR_VERSION
    model.producer_name = "tinyrig"
    model.producer_version = ""
    onnx.checker.check_model(model, full_check=True)
    return model


def _plain_names(graph: onnx.GraphProto) -> None:
    """Turn scope names such as /encoder/mhsa/q/Gemm_output_0 into encoder.mhsa.q.Gemm."""
    boundary = {value.name for value in [*graph.input, *graph.output]}
    names: dict[str, str] = {}
    taken = set(boundary)

    def plain(old: str) -> str:
        if not old or old in boundary:
            return old
        if old not in names:
            base = _dotted(old.removesuffix("_output_0"))
            new, count = base, 1
            while new in taken:
                count += 1
                new = f"{base}_{count}"
            taken.add(new)
            names[old] = new
        return names[old]

    for node in graph.node:
        node.name = _dotted(node.name)
        node.input[:] = [plain(x) for x in node.input]
        node.output[:] = [plain(x) for x in node.output]
        node.doc_string = ""
    for tensor in graph.initializer:
        tensor.name = plain(tensor.name)
    del graph.value_info[:]


def _dotted(scope: str) -> str:
    """Join a scope with dots; a sequence names itself twice (/blocks/blocks.0), once is enough."""
    parts = scope.strip("/").split("/")
    following = [*parts[1:], ""]
    kept = [a for a, b in zip(parts, following, strict=True) if not b.startswith(f"{a}.")]
    return ".".join(kept)
