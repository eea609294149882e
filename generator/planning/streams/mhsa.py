"""Multi-head self-attention one head at a time.

A head's K and V are made, used and forgotten; Q exists for a few rows. What a head gives is
either kept as int8 (`[S, H * R]`, then the output projection follows as its own layer) or
multiplied at once with its columns of the output projection into int32 sums, whichever takes
less memory. The arithmetic is that of the separate layers, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Attention, Layout, Linear, Node, Reshape, Transpose
from tinyrig.generator.graph.planned_names import bytes_of
from tinyrig.generator.planning.partial import finish, input_columns, output_rows
from tinyrig.generator.planning.streams.stream import ScheduleBuilder, row_parts, rows_of
from tinyrig.generator.planning.view import View

_QUERY_ROWS = 12
"""Queries at a time, unless said otherwise."""

_ACCUMULATOR_BYTES = 4
_UNIT = 8
_PAIR = 2


@dataclass(frozen=True, eq=False)
class MhsaStream:
    """The projections, the attention and, when heads are accumulated, the output projection.

    Without a projection `k`, all heads read their keys from one tensor (fused weights).
    """

    q: Linear
    k: Linear | None
    v: Linear
    attention: Attention
    heads: int
    between: tuple[Node, ...]
    joined: str
    out: Linear | None
    queries: int = _QUERY_ROWS

    def by(self, queries: int) -> MhsaStream:
        """Return the stream with a number of queries at a time."""
        return replace(self, queries=queries)

    @property
    def members(self) -> frozenset[str]:
        """Names of the nodes the stream executes."""
        maybe = (self.k, self.out)
        nodes = (self.q, self.v, self.attention, *self.between, *(n for n in maybe if n))
        return frozenset(node.name for node in nodes)

    @property
    def last(self) -> str:
        """The output projection, or the layout operator that joins the heads."""
        return self.out.name if self.out else self.between[-1].name

    def emit(self, builder: ScheduleBuilder) -> None:
        """Append a loop over the heads, inside it one over the rows of Q."""
        keys_from = self.k.inputs[0] if self.k else self.attention.inputs[1]
        x, key_rows, value_rows = self._sources(
            builder, (self.q.inputs[0], keys_from, self.v.inputs[0])
        )
        target = self._target(builder, x.shape[0])
        with builder.loop(self.heads) as head:
            k = self._keys(builder, self.k, key_rows, head) if self.k else key_rows
            v = self._values(builder, value_rows, head)
            for loop, first, size in row_parts(builder, x.shape[0], self.queries):
                rows = rows_of(x, loop, first, size)
                self._rows(builder, rows, (k, v), target, head, (loop, first, size))
        if self.out is not None:
            self._finish(builder, self.out, target)

    def _sources(self, builder: ScheduleBuilder, tensors: Sequence[str]) -> list[View]:
        """Return tensors as matrices of dense rows, each copied at most once."""
        found = {
            tensor: builder.dense_rows(
                builder.view(tensor), bytes_of(self.attention.name, "source", index)
            ).matrix()
            for index, tensor in enumerate(dict.fromkeys(tensors))
        }
        return [found[tensor] for tensor in tensors]

    def _finish(self, builder: ScheduleBuilder, out: Linear, sums: View) -> None:
        """Requantise the sums into the first quarter of their own memory."""
        output = out.outputs[0]
        dense = View.contiguous(sums.storage, builder.graph.tensors[output].shape)
        builder.place(output, dense)
        node = finish(out, f"{out.name}.finish")
        builder.compute(node.name, [node], [sums], [dense])

    def _target(self, builder: ScheduleBuilder, rows: int) -> View:
        """Int32 sums of the output projection, or the int8 heads side by side."""
        if self.out is not None:
            shape = (rows, self.out.weight.shape[0])
            return builder.new(bytes_of(self.out.name, "sums"), shape, item=_ACCUMULATOR_BYTES)
        target = builder.new(self.joined, (rows, self.v.weight.shape[0]))
        joined = target.reshaped(builder.graph.tensors[self.joined].shape)
        assert joined is not None
        builder.place(self.joined, joined)
        return target

    def _keys(self, builder: ScheduleBuilder, layer: Linear, x: View, head: int) -> View:
        """One head's K, with room for a kernel to read short rows as a whole unit.

        Rows of up to a pair are read as they are.
        """
        width = layer.weight.shape[0] // self.heads
        size = x.shape[0] * width
        slack = max(0, _UNIT - width) if width > _PAIR else 0
        storage = builder.new(bytes_of(layer.name, "head"), (size + slack,)).storage
        y = View(storage, 0, (x.shape[0], width), (width, 1), slack=slack)
        builder.compute(layer.name, self._slices(layer, width), [x], [y], varies=head)
        return y

    def _values(self, builder: ScheduleBuilder, x: View, head: int) -> View:
        """One head's V, transposed, its rows padded to whole units: as the product reads it.

        Heads of a pair of columns are read up to their last row and no further.
        """
        width = self.v.weight.shape[0] // self.heads
        pairs = width == _PAIR == self.q.weight.shape[0] // self.heads
        length = x.shape[0] if pairs else -(-x.shape[0] // _UNIT) * _UNIT
        storage = builder.new(bytes_of(self.v.name, "head"), (width, length)).storage
        y = View(storage, 0, (x.shape[0], width), (1, length))
        builder.compute(self.v.name, self._slices(self.v, width), [x], [y], varies=head)
        return y

    def _slices(self, layer: Linear, width: int) -> list[Linear]:
        return [
            output_rows(layer, h * width, (h + 1) * width, layer.name) for h in range(self.heads)
        ]

    def _rows(
        self,
        builder: ScheduleBuilder,
        x: View,
        memory: tuple[View, View],
        target: View,
        head: int,
        part: tuple[int | None, int, int],
    ) -> None:
        loop, first, size = part
        suffix = "" if first == 0 else ".rest"
        width = self.q.weight.shape[0] // self.heads
        depth = memory[1].shape[-1]
        q = builder.new(bytes_of(self.q.name, "rows", suffix=suffix), (size, width))
        slices = self._slices(self.q, width)
        builder.compute(f"{self.q.name}{suffix}", slices, [x], [q], varies=head)
        reads = [_batched(q), _batched(memory[0]), _batched(memory[1])]
        name = f"{self.attention.name}{suffix}"
        item = _ACCUMULATOR_BYTES if self.out else 1
        place = rows_of(target, loop, first, size, item)
        if self.out is None:
            y = View(
                place.storage,
                place.offset,
                (size, depth),
                place.strides,
                (*place.advances, (head, depth)),
            )
            builder.compute(name, [self.attention], reads, [_batched(y)])
            return
        y = builder.new(bytes_of(self.attention.name, "rows", suffix=suffix), (size, depth))
        builder.compute(name, [self.attention], reads, [_batched(y)])
        parts = [
            input_columns(self.out, h * depth, (h + 1) * depth, self.out.name)
            for h in range(self.heads)
        ]
        builder.compute(f"{self.out.name}{suffix}", parts, [y], [place], varies=head)


def _batched(view: View) -> View:
    """Return [rows, columns] as [1, 1, rows, columns]."""
    return replace(view, shape=(1, 1, *view.shape), strides=(0, 0, *view.strides))


def find_mhsa(graph: Graph) -> list[MhsaStream]:
    """Return every attention whose projections and joining layouts nobody else reads."""
    return matched_attention(graph, _match)


_Stream = TypeVar("_Stream")


def matched_attention(
    graph: Graph,
    match: Callable[
        [Graph, Attention, Mapping[str, Node], Mapping[str, Sequence[Node]]], _Stream | None
    ],
) -> list[_Stream]:
    """Return what `match` makes of each attention, its producers and its consumers."""
    producers, consumers = graph.producers(), graph.consumers()
    nodes = [node for node in graph.nodes if isinstance(node, Attention)]
    found = (match(graph, node, producers, consumers) for node in nodes)
    return [stream for stream in found if stream is not None]


def _match(
    graph: Graph,
    attention: Attention,
    producers: Mapping[str, Node],
    consumers: Mapping[str, Sequence[Node]],
) -> MhsaStream | None:
    joined = joining(graph, attention, consumers)
    if joined is None:
        return None
    queries, keys, values = attention.inputs
    q_side = projection(graph, queries, producers, consumers)
    v_side = projection(graph, values, producers, consumers)
    k_side: tuple[Linear | None, list[Node]] | None = (None, [])
    if math.prod(graph.tensors[keys].shape[:-2]) == graph.tensors[queries].shape[-3]:
        k_side = projection(graph, keys, producers, consumers)
    if q_side is None or k_side is None or v_side is None:
        return None
    (q, before_q), (k, before_k), (v, before_v) = q_side, k_side, v_side
    y, after = joined
    heads = graph.tensors[attention.outputs[0]].shape[-3]
    readers = consumers[y]
    out = readers[0] if len(readers) == 1 and y not in graph.outputs else None
    width = graph.tensors[y].shape[-1]
    if not (isinstance(out, Linear) and width > _ACCUMULATOR_BYTES * out.weight.shape[0]):
        out = None
    between = (*before_q, *before_k, *before_v, *after)
    return MhsaStream(q, k, v, attention, heads, between, y, out)


def projection(
    graph: Graph,
    name: str,
    producers: Mapping[str, Node],
    consumers: Mapping[str, Sequence[Node]],
) -> tuple[Linear, list[Node]] | None:
    """Follow q, k or v [.., H, S, P] back to the layer that makes [S, H * P].

    Returns the layer and what lies between; None when there is no such layer of one reader.
    """
    shape = graph.tensors[name].shape
    if len(shape) < 3 or any(extent != 1 for extent in shape[:-3]):
        return None
    passed: list[Node] = []
    heads_last = False
    while True:
        node = producers.get(name)
        if node is None or len(consumers[name]) != 1 or name in graph.outputs:
            return None
        if isinstance(node, Linear):
            return (node, passed) if heads_last else None
        if isinstance(node, Transpose) and not heads_last and _swaps_heads(node):
            heads_last = True
        elif not (isinstance(node, Reshape) and _keeps_rows(graph, node, shape, heads_last)):
            return None
        passed.append(node)
        name = node.inputs[0]


def _swaps_heads(node: Transpose) -> bool:
    """True for [.., S, H, P] to [.., H, S, P] and back."""
    rank = len(node.perm)
    return rank >= 3 and node.perm == (*range(rank - 3), rank - 2, rank - 3, rank - 1)


def _keeps_rows(graph: Graph, node: Reshape, shape: tuple[int, ...], heads_last: bool) -> bool:
    return _splits_heads(graph, node, shape) if heads_last else not _heads_moved(graph, node)


def _splits_heads(graph: Graph, node: Reshape, shape: tuple[int, ...]) -> bool:
    """True while rows stay rows: [.., S, H * P] or [.., S, H, P] on both sides."""
    heads, rows, width = shape[-3:]
    allowed = ((rows, heads * width), (rows, heads, width))
    ends = [graph.tensors[name].shape for name in (node.inputs[0], node.outputs[0])]
    return all(tuple(e for e in _squeezed(end)) in [_squeezed(a) for a in allowed] for end in ends)


def _heads_moved(graph: Graph, node: Reshape) -> bool:
    """True when a reshape of [.., H, S, P] changes more than leading ones."""
    before, after = (graph.tensors[n].shape for n in (node.inputs[0], node.outputs[0]))
    return _squeezed(before) != _squeezed(after)


def _squeezed(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(extent for extent in shape if extent != 1)


def joining(
    graph: Graph, attention: Attention, consumers: Mapping[str, Sequence[Node]]
) -> tuple[str, list[Node]] | None:
    """Follow the attention's output to the tensor [.., S, H * R].

    Returns its name and what lies between; None when there is no such tensor.
    """
    name = attention.outputs[0]
    heads, rows, depth = graph.tensors[name].shape[-3:]
    passed: list[Node] = []
    swapped = False
    while True:
        readers = consumers[name]
        if swapped and _squeezed(graph.tensors[name].shape) == _squeezed((rows, heads * depth)):
            return name, passed
        if len(readers) != 1 or name in graph.outputs or not isinstance(readers[0], Layout):
            return None
        node = readers[0]
        if isinstance(node, Transpose) and not swapped and _swaps_heads(node):
            swapped = True
        elif not isinstance(node, Reshape) or (not swapped and _heads_moved(graph, node)):
            return None
        passed.append(node)
        name = node.outputs[0]
