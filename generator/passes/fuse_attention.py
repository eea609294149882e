"""Fuse QK^T, softmax and AV into one operator that never stores the attention matrix.

The probabilities are no longer rounded to int8: the unnormalised weights go into the second
product and each row is divided once (deferred normalisation), so the result is closer to the
float model than the graph's own quantized probabilities are. They are limited where the range of
the graph's quantizer ends. Where the two could be too far apart (attention_error.py), and where
scores are masked, the three operators stay.
"""

from __future__ import annotations

from tinyrig.generator.graph.exponentials import exp_table, row_limit, weight_top
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Attention, MatMul, Node, Softmax, Transpose
from tinyrig.generator.graph.requant import RangeError, row_scale
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.passes.attention_error import MOST_STEPS, attention_error


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
        if fused is None:
            continue
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
    if softmax.axis != len(graph.tensors[softmax.inputs[0]].shape) - 1:
        return None
    value = _only_reader(graph, softmax, consumers)
    if not isinstance(value, MatMul) or value.lut is not None:
        return None
    if value.inputs[0] != softmax.outputs[0] or value.inputs[1] == softmax.outputs[0]:
        return None
    q, k, *others = (graph.tensors[name].shape[:-2] for name in (*score.inputs, *value.inputs))
    shared = all(extent == 1 for extent in k)
    return (score, softmax, value) if {q, *others} == {q} and (shared or k == q) else None


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
    keys = f"{name}.keys"
    shape = tuple(tensors[source].shape[axis] for axis in perm)
    tensors[keys] = Tensor(keys, shape, tensors[name].affine)
    return keys, [Transpose(name=keys, inputs=(source,), outputs=(keys,), perm=perm)]


def _attention(
    graph: Graph, score: MatMul, softmax: Softmax, value: MatMul, queries_keys: tuple[str, str]
) -> Attention | None:
    v = graph.tensors[value.inputs[1]]
    y = graph.tensors[value.outputs[0]]
    scores = graph.tensors[score.outputs[0]]
    probabilities = graph.tensors[softmax.outputs[0]].affine
    length = scores.shape[-1]
    try:
        top = weight_top(length, v.affine.zero_point)
        scale = row_scale(v.affine.scale / y.affine.scale, top, length)
    except RangeError:
        return None
    error = attention_error(scores.affine, probabilities, v.affine, y.affine, length, top)
    if error.steps > MOST_STEPS:
        return None
    return Attention(
        name=value.name,
        inputs=(*queries_keys, v.name),
        outputs=value.outputs,
        score_start=score.start,
        score=score.requant,
        score_scale=scores.affine.scale,
        exp=exp_table(scores.affine.scale, top),
        value=scale,
        limit=row_limit((127 - probabilities.zero_point) * probabilities.scale, top),
        lo=value.requant.lo,
        hi=value.requant.hi,
    )
