"""Attention a group of heads at a time, for cores that share the work of each call.

A group's Q, K and V are made for all rows, used and forgotten; the heads stay as int8, side by
side. Groups are unrolled: each has weights of its own, which can be copied while the group before
it runs. V lies transposed, its rows padded to whole units, as the product reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Attention, Linear, Node
from tinyrig.generator.graph.planned_names import bytes_of
from tinyrig.generator.planning.partial import output_rows
from tinyrig.generator.planning.streams.mhsa import joining, matched_attention, projection
from tinyrig.generator.planning.streams.stream import ScheduleBuilder
from tinyrig.generator.planning.view import View

_UNIT = 8


@dataclass(frozen=True, eq=False)
class HeadGroups:
    """The projections and the attention of `heads` heads, `group` of them at a time.

    `k` is a projection, or None when the keys are the tensor `keys` itself, the same for all heads.
    """

    q: Linear
    k: Linear | None
    v: Linear
    keys: str
    attention: Attention
    heads: int
    group: int
    between: tuple[Node, ...]
    joined: str

    def at_most(self, most: int) -> HeadGroups:
        """Return the stream with at most `most` heads at a time."""
        sizes = range(min(self.heads, most), 0, -1)
        return replace(self, group=next(size for size in sizes if self.heads % size == 0))

    @property
    def members(self) -> frozenset[str]:
        """Names of the nodes the stream executes."""
        nodes = (self.q, self.v, self.attention, *self.between, *([self.k] if self.k else []))
        return frozenset(node.name for node in nodes)

    @property
    def last(self) -> str:
        """The layout operator that joins the heads."""
        return self.between[-1].name

    def emit(self, builder: ScheduleBuilder) -> None:
        """Append the steps of each group."""
        name = self.attention.name
        source = builder.dense_rows(builder.view(self.q.inputs[0]), bytes_of(name, "queries"))
        memory, other = source, self.v.inputs[0]
        if other != self.q.inputs[0]:
            memory = builder.dense_rows(builder.view(other), bytes_of(name, "memory"))
        x, xm = source.matrix(), memory.matrix()
        depth = self.v.weight.shape[0] // self.heads
        joined = builder.new(self.joined, (x.shape[0], self.heads * depth))
        placed = joined.reshaped(builder.graph.tensors[self.joined].shape)
        assert placed is not None
        builder.place(self.joined, placed)
        shared = builder.dense_rows(builder.view(self.keys), bytes_of(name, "keys")).matrix()
        for first in range(0, self.heads, self.group):
            suffix = "" if self.group == self.heads else f".{first // self.group}"
            q = self._rows(builder, self.q, x, first, suffix)
            k = self._rows(builder, self.k, xm, first, suffix) if self.k else self._same(shared)
            v = self._columns(builder, xm, first, suffix)
            y = View(
                joined.storage,
                joined.offset + first * depth,
                (1, self.group, x.shape[0], depth),
                (0, depth, self.heads * depth, 1),
            )
            builder.compute(f"{name}{suffix}", [self.attention], [q, k, v], [y])

    def _part(self, layer: Linear, first: int, name: str) -> Linear:
        width = layer.weight.shape[0] // self.heads
        return output_rows(layer, first * width, (first + self.group) * width, name)

    def _rows(
        self, builder: ScheduleBuilder, layer: Linear, x: View, first: int, suffix: str
    ) -> View:
        """Make a group's Q or K, heads side by side; return it as [1, heads, rows, width]."""
        name, rows = f"{layer.name}{suffix}", x.shape[0]
        width = layer.weight.shape[0] // self.heads
        y = builder.new(bytes_of(name, "heads"), (rows, self.group * width))
        builder.compute(name, [self._part(layer, first, name)], [x], [y])
        return View(y.storage, 0, (1, self.group, rows, width), (0, width, self.group * width, 1))

    def _columns(self, builder: ScheduleBuilder, x: View, first: int, suffix: str) -> View:
        """Make a group's V, transposed; return it as [1, heads, rows, depth]."""
        name, rows = f"{self.v.name}{suffix}", x.shape[0]
        depth = self.v.weight.shape[0] // self.heads
        length = -(-rows // _UNIT) * _UNIT
        storage = builder.new(bytes_of(name, "heads"), (self.group * depth, length)).storage
        y = View(storage, 0, (rows, self.group * depth), (1, length))
        builder.compute(name, [self._part(self.v, first, name)], [x], [y])
        return View(storage, 0, (1, self.group, rows, depth), (0, depth * length, 1, length))

    def _same(self, keys: View) -> View:
        rows, width = keys.shape
        return View(keys.storage, keys.offset, (1, self.group, rows, width), (0, 0, *keys.strides))


def find_head_groups(graph: Graph) -> list[HeadGroups]:
    """Return every attention whose Q and V nobody else reads, all heads at a time."""
    return matched_attention(graph, _match)


def _match(
    graph: Graph,
    attention: Attention,
    producers: Mapping[str, Node],
    consumers: Mapping[str, Sequence[Node]],
) -> HeadGroups | None:
    q, k, v = (projection(graph, name, producers, consumers) for name in attention.inputs)
    joined = joining(graph, attention, consumers)
    keys = attention.inputs[1]
    alike = len(graph.tensors[keys].shape) == len((0, 0))  # [rows, width]: the same for all heads
    if joined is None or q is None or v is None or (k is None and not alike):
        return None
    if k is not None and k[0].inputs[0] != v[0].inputs[0]:
        return None
    heads = graph.tensors[attention.outputs[0]].shape[-3]
    return HeadGroups(
        q=q[0],
        k=k[0] if k else None,
        v=v[0],
        keys=v[0].inputs[0] if k else keys,
        attention=attention,
        heads=heads,
        group=heads,
        between=(*q[1], *(k[1] if k else ()), *v[1], *joined[1]),
        joined=joined[0],
    )
