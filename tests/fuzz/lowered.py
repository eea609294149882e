"""What every value of an ONNX model became in the integer graph, and holds in a run of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from unittest import mock

import numpy as np
import onnx
from frontends.qdq_models import Array

from tinyrig.generator.frontends import context, graph_from_model, lowering
from tinyrig.generator.frontends.bounds import Interval
from tinyrig.generator.frontends.source import Source
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Attention, Unary
from tinyrig.generator.graph.quantization import CODES, dequantise
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.suite.reference.call import Call, Operand
from tinyrig.suite.reference.executor import run_node, run_reference


@dataclass(frozen=True, eq=False)
class Kept:
    """A value as 256 reals, one for each code of a tensor of the graph."""

    tensor: str
    real: Array


@dataclass(frozen=True, eq=False)
class Lowered:
    """An integer graph before all passes, and what its source's values became, by ONNX name."""

    graph: Graph
    kept: Mapping[str, Kept]

    def is_plain(self, kept: Kept) -> bool:
        """Whether a value is its tensor's codes as they are, and no function of them."""
        tensor = self.graph.tensors.get(kept.tensor)
        return tensor is not None and np.array_equal(kept.real, dequantise(CODES, tensor.affine))


class _Recording(context.Lowering):
    """A lowering that can be asked afterwards."""

    made: _Recording

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._first: dict[str, context.Operand] = {}
        _Recording.made = self

    def in_affine(self, name: str, affine: Affine) -> Tensor:
        # A value that only a Concat or Pad reads is from then on known by its codes there.
        if name in self._operands:
            self._first.setdefault(name, self._operands[name])
        return super().in_affine(name, affine)

    def kept(self) -> dict[str, Kept]:
        """Return what every activation of the source is in the finished graph."""
        final = self.builder._renamed
        return {
            name: Kept(final.get(one.root.name, one.root.name), one.real)
            for name, one in (self._operands | self._first).items()
        }


def lowered(
    model: onnx.ModelProto, name: str, seen: Mapping[str, Interval] | None = None
) -> Lowered:
    """Lower a model as the frontend does, and keep what its values became."""
    with mock.patch.object(lowering, "Lowering", _Recording):
        graph = graph_from_model(model, name, seen)
    return Lowered(graph, _Recording.made.kept())


def values(found: Lowered, planned: Graph, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """Return what the source's values hold where `planned`, the graph after all passes, is run.

    What a pass took away, scores and probabilities of fused attention too, is computed again by the
    node that made it, from what is held.
    """
    codes = run_reference(planned, inputs, keep=True)
    for node in found.graph.nodes:
        output = found.graph.tensors[node.outputs[0]]
        if output.name in codes or any(name not in codes for name in node.inputs):
            continue
        operands = [_operand(found.graph, name, codes) for name in node.inputs]
        codes[output.name] = np.array(run_node(Call(node, tuple(operands), output)).numpy())
    return {
        name: kept.real[codes[kept.tensor].astype(np.int64) + 128]
        for name, kept in found.kept.items()
        if kept.tensor in codes
    }


def fused_outputs(planned: Graph) -> frozenset[str]:
    """Return the tensors that fused attention writes."""
    return frozenset(n.outputs[0] for n in planned.nodes if isinstance(n, Attention))


def table_jumps(found: Lowered, quantized: Collection[str]) -> dict[str, int]:
    """Return the largest jump of tables over tensors that the file did not quantize, by output.

    A product that it leaves in float gets 256 codes of the frontend's own, which it tells; behind
    a steep function half a step of them is several.
    """
    return {
        node.outputs[0]: int(np.abs(np.diff(node.lut.astype(np.int64))).max())
        for node in found.graph.nodes
        if isinstance(node, Unary) and node.inputs[0] not in quantized
    }


def _operand(graph: Graph, name: str, codes: Mapping[str, Array]) -> Operand:
    import torch

    return Operand(torch.from_numpy(codes[name]), graph.tensors[name].affine)
