"""Fuse QK^T, softmax and AV into one operator that never stores the attention matrix.

The probabilities are rounded as the graph's own softmax would, and the result is that of the three
operators. Where the rounding makes so little that nobody sees it (attention_error.py), it is left
out: the unnormalised exponentials weigh the values and each row is divided once (deferred
normalisation), which is faster. Where scores are masked, the three operators stay.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.exponentials import exp_table, weight_top
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Attention, MatMul, Node, Rounding, Softmax, Transpose
from tinyrig.generator.graph.planned_names import bytes_of
from tinyrig.generator.graph.requant import RangeError, RowScale, row_scale
from tinyrig.generator.graph.tensor import INT8_MAX, Affine, Tensor
from tinyrig.generator.passes.attention_error import MOST_STEPS, attention_error

_FINEST_STEP = 2.0**-14
"""Kernels round in halves of a register; a quantizer so fine clips what exceeds 1.6 %."""


def fuse_attention(graph: Graph) -> Graph:
    """Replace every MatMul - Softmax - MatMul chain whose inner tensors have one reader."""
    consumers = graph.consumers()
    producers = graph.producers()
    tensors = dict(graph.tensors)
    swaps: dict[str, list[Node]] = {}
    dropped: set[str] = set()
    for node in graph.nodes:
        found = _chain(graph, node, consumers)
        if found is None:
            continue
        score, softmax, value = found
        q, k_transposed = score.inputs
        k, extra = _keys(k_transposed, producers, tensors)
        fused = _attention(graph, score, softmax, value, (q, k))
        swaps[value.name] = [*extra, fused]
        dropped.update((score.name, softmax.name))
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.name not in dropped:
            nodes.extend(swaps.get(node.name, [node]))
    alive = {name for node in nodes for name in node.inputs} | set(graph.outputs)
    return graph.rewired([n for n in nodes if alive.intersection(n.outputs)], tensors)


def _chain(
    graph: Graph, score: Node, consumers: dict[str, list[Node]]
) -> tuple[MatMul, Softmax, MatMul] | None:
    if not isinstance(score, MatMul) or score.lut is not None:
        return None
    softmax = _only_reader(graph, score, consumers)
    if not isinstance(softmax, Softmax) or softmax.kept is not None:
        return None
    rows = graph.tensors[softmax.outputs[0]]
    if softmax.axis != len(rows.shape) - 1 or not _has_kernel(rows.affine):
        return None
    value = _only_reader(graph, softmax, consumers)
    if not isinstance(value, MatMul) or value.lut is not None:
        return None
    if value.inputs[0] != softmax.outputs[0] or value.inputs[1] == softmax.outputs[0]:
        return None
    q, k, *others = (graph.tensors[name].shape[:-2] for name in (*score.inputs, *value.inputs))
    shared = all(extent == 1 for extent in k)
    return (score, softmax, value) if {q, *others} == {q} and (shared or k == q) else None


def _has_kernel(probabilities: Affine) -> bool:
    """Tell whether kernels round so finely, and to more codes than that of 0."""
    return probabilities.zero_point < INT8_MAX and probabilities.scale >= _FINEST_STEP


def _only_reader(graph: Graph, node: Node, consumers: dict[str, list[Node]]) -> Node | None:
    output = node.outputs[0]
    readers = consumers[output]
    return readers[0] if len(readers) == 1 and output not in graph.outputs else None


def _keys(
    name: str, producers: dict[str, Node], tensors: dict[str, Tensor]
) -> tuple[str, list[Node]]:
    """Return the name of k [..., T, P] for `name`, k transposed, and the nodes that make it."""
    rank = len(tensors[name].shape)
    swap = (*range(rank - 2), rank - 1, rank - 2)
    before = producers.get(name)
    if isinstance(before, Transpose):
        source = before.inputs[0]
        perm = tuple(before.perm[axis] for axis in swap)
        if perm == tuple(range(rank)):
            return source, []
    else:
        source, perm = name, swap
    keys = bytes_of(name, "keys")
    shape = tuple(tensors[source].shape[axis] for axis in perm)
    tensors[keys] = Tensor(keys, shape, tensors[name].affine)
    return keys, [Transpose(name=keys, inputs=(source,), outputs=(keys,), perm=perm)]


def _attention(
    graph: Graph, score: MatMul, softmax: Softmax, value: MatMul, queries_keys: tuple[str, str]
) -> Attention:
    scores = graph.tensors[score.outputs[0]].affine
    zero_point = graph.tensors[softmax.outputs[0]].affine.zero_point
    deferred = _deferred(graph, softmax, value)
    exp, scale = deferred or (softmax.exp, softmax.scale)
    rounding = Rounding(zero_point, softmax.fine, value.start, value.requant)
    return Attention(
        name=value.name,
        inputs=(*queries_keys, value.inputs[1]),
        outputs=value.outputs,
        score_start=score.start,
        score=score.requant,
        score_scale=scores.scale,
        exp=exp,
        value=scale,
        rounding=None if deferred else rounding,
        lo=value.requant.lo,
        hi=value.requant.hi,
    )


def _deferred(
    graph: Graph, softmax: Softmax, value: MatMul
) -> tuple[NDArray[np.uint16], RowScale] | None:
    """Return table and scale of a row that leaves the rounding out, None where it counts."""
    scores, probabilities, v, y = (
        graph.tensors[name] for name in (*softmax.inputs, *value.inputs, *value.outputs)
    )
    length = scores.shape[-1]
    try:
        top = weight_top(length, v.affine.zero_point)
        scale = row_scale(v.affine.scale / y.affine.scale, top, length)
    except RangeError:
        return None
    error = attention_error(scores.affine, probabilities.affine, v.affine, y.affine, length, top)
    return (exp_table(scores.affine.scale, top), scale) if error.steps <= MOST_STEPS else None
