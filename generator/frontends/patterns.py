"""Groups of source nodes that are one operator: a decomposed LayerNorm, a product with bias.

Pointwise groups (Gelu from Erf or Tanh, SiLU, hard swish, ...) need no pattern: any of them is
one table (pointwise.py).
"""

from __future__ import annotations

import numpy as np

from generator.frontends.grouping import Group as _Group
from generator.frontends.grouping import View as _View
from generator.frontends.grouping import apply_group as _apply
from generator.frontends.masks import guarded_softmax, masked_softmax
from generator.frontends.source import Source, SourceNode, Value


def apply_patterns(source: Source) -> Source:
    """Return the source with every group found as one node."""
    source = _apply(_apply(source, _layer_norm), _bias)
    return _apply(_apply(source, masked_softmax), guarded_softmax)


def axes_of(node: SourceNode, view: Source, rank: int) -> tuple[int, ...] | None:
    """Return a reduction's axes (attribute or input), non-negative and sorted; None: not given."""
    axes = node.integers("axes")
    if axes is None and node.input(1):
        data = view.values[node.input(1)].data
        axes = None if data is None else tuple(int(axis) for axis in data.reshape(-1))
    if axes is None:
        return None
    return tuple(sorted(axis + rank if axis < 0 else axis for axis in axes))


def _bias(view: _View, node: SourceNode) -> _Group | None:
    """MatMul by a constant, then Add of a constant along the last axis.

    A Q/DQ pair between them is dropped where its step is at most twice the output's: the result
    is nearer to the real value and stays within one step of the two roundings.
    """
    if node.op != "MatMul" or view.constant(node.inputs[1]) is None:
        return None
    product = view.source.values[node.outputs[0]]
    add = view.only_reader(product.name, "Add")
    found = view.split_constant(add) if add is not None else None
    if add is None or found is None:
        return None
    bias, target = found[1], view.source.values[add.outputs[0]]
    extent = product.shape[-1]
    if target.shape != product.shape or bias.shape not in _row_shapes(extent, len(product.shape)):
        return None
    if product.affine is not None and (
        target.affine is None or product.affine.scale > 2.0 * target.affine.scale
    ):
        return None
    merged = SourceNode("MatMul", node.name, (*node.inputs, bias.name), add.outputs)
    return _Group((node, add), add, merged)


def _row_shapes(extent: int, rank: int) -> set[tuple[int, ...]]:
    """Return the shapes that broadcast along the last axis only."""
    rows = {(1,) * ones + (extent,) for ones in range(rank)}
    return rows | {(1,) * ones for ones in range(rank + 1)}


def _layer_norm(view: _View, node: SourceNode) -> _Group | None:
    """ReduceMean, Sub, Pow 2 (or Mul), ReduceMean, Add eps, Sqrt, Div, then Mul and Add."""
    if node.op != "Sqrt":
        return None
    head = _variance(view, node)
    if head is None:
        return None
    inner, centred, epsilon = head
    divided = _divided(view, node, centred)
    if divided is None:
        return None
    nodes = [*inner, node, *divided]
    last = divided[-1]
    extent = view.source.values[last.outputs[0]].shape[-1]
    gamma, last = _row_factor(view, last, "Mul", nodes, extent)
    beta, last = _row_factor(view, last, "Add", nodes, extent)
    ones = Value(f"{last.outputs[0]}:gamma", (extent,), np.ones(extent))
    inputs = (centred[0], gamma or ones.name, beta)
    merged = SourceNode(
        "LayerNormalization", last.name, inputs, last.outputs, {"axis": -1, "epsilon": epsilon}
    )
    return _Group(tuple(dict.fromkeys(nodes)), last, merged, () if gamma else (ones,))


def _variance(
    view: _View, root: SourceNode
) -> tuple[list[SourceNode], tuple[str, str], float] | None:
    """Return the nodes before the square root, (x, its mean), and epsilon."""
    add = view.writer(root.inputs[0], "Add")
    parts = view.split_constant(add) if add is not None else None
    if add is None or parts is None or not parts[1].is_scalar:
        return None
    data = parts[1].data
    mean_square = view.writer(parts[0], "ReduceMean")
    if data is None or mean_square is None or not _over_last_axis(view, mean_square):
        return None
    square = view.writer(mean_square.inputs[0], "Pow", "Mul")
    if square is None or not _is_square(view, square):
        return None
    subs = [view.writer(name, "Sub") for name in dict.fromkeys(square.inputs)]
    sub = subs[0]
    mean = view.writer(sub.inputs[1], "ReduceMean") if sub is not None else None
    if sub is None or mean is None or not _over_last_axis(view, mean):
        return None
    if mean.inputs[0] != sub.inputs[0]:
        return None
    nodes = [mean, sub, square, mean_square, add]
    return nodes, (sub.inputs[0], mean.outputs[0]), float(data.reshape(-1)[0])


def _is_square(view: _View, node: SourceNode) -> bool:
    if node.op == "Mul":
        return node.inputs[0] == node.inputs[1]
    power = view.constant(node.inputs[1])
    return power is not None and power.data is not None and bool(np.all(power.data == 2))


def _over_last_axis(view: _View, node: SourceNode) -> bool:
    rank = len(view.source.values[node.inputs[0]].shape)
    last_only = axes_of(node, view.source, rank) == (rank - 1,)
    return last_only and node.integer("keepdims", 1) == 1


def _divided(view: _View, root: SourceNode, centred: tuple[str, str]) -> list[SourceNode] | None:
    """Return the nodes that divide x - mean by the root: Div, or Reciprocal and Mul."""
    nodes: list[SourceNode] = []
    divisor, ops = root.outputs[0], ("Div",)
    reciprocal = view.only_reader(divisor, "Reciprocal")
    if reciprocal is not None:
        nodes.append(reciprocal)
        divisor, ops = reciprocal.outputs[0], ("Mul",)
    node = view.only_reader(divisor, *ops)
    if node is None or (node.op == "Div" and node.inputs[1] != divisor):
        return None
    other = node.inputs[0] if node.inputs[1] == divisor else node.inputs[1]
    sub = view.writer(other, "Sub")
    if sub is None or sub.inputs != centred:
        return None
    return [sub, *nodes, node]


def _row_factor(
    view: _View, last: SourceNode, op: str, nodes: list[SourceNode], extent: int
) -> tuple[str, SourceNode]:
    """Take in a Mul or Add by a row of constants, if that is what follows `last`."""
    reader = view.only_reader(last.outputs[0], op)
    found = view.split_constant(reader) if reader is not None else None
    if reader is None or found is None:
        return "", last
    value = view.source.values[reader.outputs[0]]
    if value.shape != view.source.values[last.outputs[0]].shape:
        return "", last
    if found[1].shape not in _row_shapes(extent, len(value.shape)):
        return "", last
    nodes.append(reader)
    return found[1].name, reader
