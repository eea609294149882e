"""Fused-weight self-attention: W* = Wq Wk^T offline (Jung et al., section 4.2, Eq. 7 to 9).

Scores (X Wq + bq)(X Wk + bk)^T differ from (X W* + Wk bq) X^T by terms that are the same for all
keys of a row, which the softmax removes. What is quantized are W* and the product X W*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import onnx

from tinyrig.suite.models.rewriting.float_graph import FloatArray, FloatGraph
from tinyrig.suite.models.rewriting.layer import Layer, gemm, layer_at

_HEADS_APART = 3


@dataclass(frozen=True, eq=False)
class Scores:
    """A product of queries and transposed keys, and the two layers of one source behind it.

    The queries go through one reshape [.., S, H, P] and a transpose to [.., H, S, P]; what lies
    between them and the product is kept.
    """

    product: onnx.NodeProto
    query: Layer
    key: Layer
    reshape: onnx.NodeProto
    S: int
    E: int
    P: int
    H: int

    @property
    def saves(self) -> bool:
        """Whether fusing takes fewer operations (Eq. 9, left)."""
        S, P = self.S, self.P
        return P - S / 2 + math.sqrt(4 * P * P + S * S) / 2 > self.E


def fuse_weights(model: onnx.ModelProto, *, always: bool) -> onnx.ModelProto:
    """Return the model with fused query and key weights: where it saves operations, or always."""
    graph = FloatGraph(model)
    replaced: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.graph.node:
        found = _scores(graph, node) if node.op_type == "MatMul" else None
        if found is not None and (always or found.saves):
            replaced |= _fused(graph, found)
    return graph.rebuilt(replaced) if replaced else model


def fused_weight(query: Layer, key: Layer, heads: int) -> tuple[FloatArray, FloatArray]:
    """Return W* [E, H * E] and its bias [H * E], the heads side by side."""
    E = query.weight.shape[0]
    q, k = (layer.weight.reshape(E, heads, -1) for layer in (query, key))
    weight = np.einsum("ehp,fhp->ehf", q, k).reshape(E, heads * E)
    bias = np.einsum("hp,fhp->hf", query.bias.reshape(heads, -1), k).reshape(-1)
    return weight, bias


def _fused(graph: FloatGraph, scores: Scores) -> dict[str, list[onnx.NodeProto]]:
    """Swap queries for X W*, and the product's second factor for X^T."""
    weight, bias = fused_weight(scores.query, scores.key, scores.H)
    split = graph.shapes[scores.reshape.output[0]]
    shape = graph.add_constant(
        f"{scores.query.name}.fused.shape", np.array([*split[:-1], scores.E], dtype=np.int64)
    )
    reshape = onnx.NodeProto()
    reshape.CopyFrom(scores.reshape)
    reshape.input[1] = shape
    turned = graph.fresh(f"{scores.key.source}.keys")
    transpose = onnx.helper.make_node(
        "Transpose", [scores.key.source], [turned], name=turned, perm=[1, 0]
    )
    product = onnx.NodeProto()
    product.CopyFrom(scores.product)
    product.input[1] = turned
    return {
        scores.query.output: [gemm(graph, scores.query, weight, bias)],
        reshape.output[0]: [reshape],
        product.output[0]: [transpose, product],
    }


def _scores(graph: FloatGraph, node: onnx.NodeProto) -> Scores | None:
    if not _feeds_softmax(graph, node.output[0]):
        return None
    shape = graph.shapes[node.input[0]]
    if len(shape) < _HEADS_APART or math.prod(shape[:-3]) != 1:
        return None
    H, S, P = shape[-3:]
    queries = _head_split(graph, node.input[0], (H, S, P))
    keys = _head_split(graph, node.input[1], (H, P, S))
    if queries is None or keys is None:
        return None
    (query, reshape), (key, _) = queries, keys
    E = query.weight.shape[0]
    if query.source != key.source or graph.shapes[query.source] != (S, E):
        return None
    return Scores(node, query, key, reshape, S, E, P, H)


def _feeds_softmax(graph: FloatGraph, name: str) -> bool:
    """True when only a softmax over the last axis reads a tensor, perhaps scaled by a number.

    A mask between would not matter, but only a scale leaves terms of a row equal for certain.
    """
    reader = graph.only_reader(name)
    while reader is not None and reader.op_type in ("Mul", "Div"):
        other = [graph.constant(read) for read in reader.input if read != name]
        if len(other) != 1 or other[0] is None or other[0].size != 1:
            return False
        name = reader.output[0]
        reader = graph.only_reader(name)
    if reader is None or reader.op_type != "Softmax":
        return False
    axis = next((a.i for a in reader.attribute if a.name == "axis"), -1)
    return axis in (-1, len(graph.shapes[name]) - 1)


def _head_split(
    graph: FloatGraph, name: str, wanted: tuple[int, int, int]
) -> tuple[Layer, onnx.NodeProto] | None:
    """Follow queries [.., H, S, P], or keys [.., H, P, S], back to their layer [S, H * P]."""
    transpose = _writer(graph, name, "Transpose")
    reshape = _writer(graph, transpose.input[0], "Reshape") if transpose is not None else None
    before = graph.producers.get(reshape.input[0]) if reshape is not None else None
    if transpose is None or reshape is None or before is None:
        return None
    if graph.only_reader(reshape.input[0]) is not reshape:
        return None
    split = graph.shapes[reshape.output[0]]
    perm = next(list(a.ints) for a in transpose.attribute if a.name == "perm")
    outer = len(split) - _HEADS_APART
    axes = tuple(axis - outer for axis in perm[-_HEADS_APART:])
    # The axes of [S, H, P] in the order of `wanted`; a key's last two are swapped.
    if axes not in ((1, 0, 2), (1, 2, 0)) or graph.shapes[name][-_HEADS_APART:] != wanted:
        return None
    if tuple(split[outer + axis] for axis in axes) != wanted:
        return None
    layer = layer_at(graph, before)
    return None if layer is None else (layer, reshape)


def _writer(graph: FloatGraph, name: str, kind: str) -> onnx.NodeProto | None:
    """Return the node of a kind that writes a tensor for one reader alone."""
    node = graph.producers.get(name)
    if node is None or node.op_type != kind or graph.only_reader(name) is None:
        return None
    return node
