"""Which axis order a tensor gets in memory, so that the layout operators after it cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node, Reshape, Slice, Transpose
from tinyrig.generator.planning.view import View

_MAX_ENUMERATED_RANK = 4
_COPY_COST = 4
_STRIDE_COST = 1


def physical_order(view: View) -> tuple[int, ...]:
    """Return the axes from the outermost in memory to the innermost."""
    axes = range(len(view.shape))
    return tuple(sorted(axes, key=lambda axis: (-abs(view.strides[axis]), axis)))


def choose_order(
    graph: Graph,
    consumers: Mapping[str, Sequence[Node]],
    node: Node,
    reads: Sequence[View],
    writable: Callable[[View], bool],
) -> tuple[int, ...]:
    """Return the cheapest axis order for the node's output; its native order wins ties.

    Only orders that the node's own kernel can write, which row-major always is.
    """
    name = node.outputs[0]
    shape = graph.tensors[name].shape
    identity = tuple(range(len(shape)))
    candidates = [_native(node, identity, reads), identity]
    if len(shape) <= _MAX_ENUMERATED_RANK:
        candidates.extend(permutations(identity))
    else:
        readers = consumers[name]
        candidates.extend(reader.perm for reader in readers if isinstance(reader, Transpose))
    return min(
        (order for order in candidates if writable(View.contiguous("candidate", shape, order))),
        key=lambda order: _cost(graph, consumers, name, View.contiguous("candidate", shape, order)),
    )


def _native(node: Node, identity: tuple[int, ...], reads: Sequence[View]) -> tuple[int, ...]:
    if node.walks == "channels":
        return (0, *identity[2:], 1)
    if node.follows and reads and len(reads[0].shape) == len(identity):
        return physical_order(reads[0])
    return identity


def _cost(
    graph: Graph, consumers: Mapping[str, Sequence[Node]], name: str, view: View | None
) -> int:
    """Copies and slow strides that readers of `name` suffer when it lies as `view`."""
    if view is None:
        return _COPY_COST
    cost = 0 if name not in graph.outputs or view.is_row_major() else _COPY_COST
    for reader in consumers[name]:
        target = reader.outputs[0]
        match reader:
            case Reshape():
                next_view = view.reshaped(graph.tensors[target].shape)
                cost += _cost(graph, consumers, target, next_view)
            case Transpose():
                cost += _cost(graph, consumers, target, view.transposed(reader.perm))
            case Slice():
                shape = graph.tensors[target].shape
                part = view.sliced(reader.starts, reader.steps, shape)
                cost += _cost(graph, consumers, target, part)
            case _:
                cost += _walking_cost(reader, view)
    return cost


def _walking_cost(reader: Node, view: View) -> int:
    """What its kernels suffer from an operand that lies so."""
    match reader.walks:
        case "rows":
            copied = _COPY_COST if view.rows() is None else 0
            return copied + _STRIDE_COST * (view.strides[-1] != 1)
        case "last":
            return _STRIDE_COST * (view.strides[-1] != 1)
        case "channels":
            return _STRIDE_COST * (view.strides[1] != 1 and view.shape[1] != 1)
        case _:
            return 0
