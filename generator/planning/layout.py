"""From the graph to steps on strided views: layout operators become views where they can."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import (
    Concat,
    Constant,
    Gather,
    Layout,
    Node,
    Pad,
    Reshape,
    Slice,
    Transpose,
)
from tinyrig.generator.graph.planned_names import bytes_of
from tinyrig.generator.operators.table import walkable
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.order import choose_order
from tinyrig.generator.planning.step import Compute, Copy, Fill, Read, Schedule, Step, Storage
from tinyrig.generator.planning.streams.find import find_sites
from tinyrig.generator.planning.streams.ways import Ways
from tinyrig.generator.planning.view import View, merge_axes


def lay_out(graph: Graph, options: Options = ALL, ways: Ways = MappingProxyType({})) -> Schedule:
    """Return the schedule of a graph: views for every tensor, copies where nothing else helps.

    `ways` are those of the sites that are not executed as the options state.
    """
    return _Builder(graph, options, ways).build()


@dataclass(eq=False)
class _Builder:
    graph: Graph
    options: Options
    ways: Ways = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    storages: dict[str, Storage] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    loops: dict[int, int] = field(default_factory=dict)
    open_loops: tuple[int, ...] = ()
    done: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.consumers = self.graph.consumers()

    def build(self) -> Schedule:
        graph = self.graph
        sites = find_sites(graph, self.options, self.ways)
        members = {name for _, stream in sites.streams for name in stream.members}
        starts = {stream.last: (site, stream) for site, stream in sites.streams}
        for name in graph.inputs:
            self.views[name] = self.new(name, graph.tensors[name].shape)
            if name in sites.streamed:
                self.storages[name] = replace(self.storages[name], streamed=True)
        for node in graph.nodes:
            site = sites.nodes.get(node.name, "")
            if node.name in starts:
                site, stream = starts[node.name]
                stream.emit(self)
                self.done |= stream.members
            elif node.name not in members:
                self._execute(node)
                self.done.add(node.name)
            self.sites += [site] * (len(self.steps) - len(self.sites))
        inputs = {name: self.views[name] for name in graph.inputs}
        outputs = {name: self._dense_output(name) for name in graph.outputs}
        self.sites += [""] * (len(self.steps) - len(self.sites))
        return Schedule(
            tuple(self.steps), self.storages, inputs, outputs, self.loops, tuple(self.sites)
        )

    def view(self, tensor: str) -> View:
        return self.views[tensor]

    def place(self, tensor: str, view: View) -> None:
        self.views[tensor] = view

    def new(
        self, name: str, shape: Sequence[int], order: Sequence[int] | None = None, *, item: int = 1
    ) -> View:
        view = View.contiguous(name, shape, order)
        self.storages[name] = Storage(name, math.prod(shape) * item, item)
        return view

    @contextmanager
    def loop(self, count: int) -> Iterator[int]:
        number = len(self.loops)
        self.loops[number] = count
        self.open_loops = (*self.open_loops, number)
        yield number
        self.open_loops = self.open_loops[:-1]

    def compute(
        self,
        name: str,
        nodes: Sequence[Node],
        reads: Sequence[View],
        writes: Sequence[View],
        varies: int | None = None,
    ) -> None:
        step = Compute(
            name=name,
            nodes=tuple(nodes),
            reads=tuple(reads),
            writes=tuple(writes),
            loops=self.open_loops,
            varies=varies,
        )
        self.steps.append(step)

    def is_last_use(self, tensor: str, members: Collection[str]) -> bool:
        storage = self.views[tensor].storage
        if not self.storages[storage].in_ram:
            return False
        sharing = [name for name, view in self.views.items() if view.storage == storage]
        if any(name in self.graph.outputs for name in sharing):
            return False
        return all(
            reader.name in self.done or reader.name in members
            for name in sharing
            for reader in self._readers_through_layout(name)
        )

    def _readers_through_layout(self, tensor: str) -> Iterator[Node]:
        """Nodes that read a tensor, or would read it through a view made later."""
        for reader in self.consumers[tensor]:
            yield reader
            if isinstance(reader, Layout) and reader.name not in self.done:
                for name in reader.outputs:
                    yield from self._readers_through_layout(name)

    def dense_rows(self, view: View, name: str) -> View:
        fits = view.rows() is not None and view.strides[-1] == 1
        return view if fits else self._copy(view, name)

    def _copy(self, view: View, name: str) -> View:
        """Copy a view into a dense row-major storage of its own."""
        dense = self.new(name, view.shape)
        self.copy(name, view, dense)
        return dense

    def copy(self, name: str, source: View, target: View) -> None:
        step = Copy(name=name, reads=(source,), writes=(target,), loops=self.open_loops)
        self.steps.append(step)

    def read(self, name: str, source: View, target: View) -> None:
        step = Read(name=name, reads=(source,), writes=(target,), loops=self.open_loops)
        self.steps.append(step)

    def _execute(self, node: Node) -> None:
        if isinstance(node, Layout):
            self._layout(node)
            return
        reads = []
        for index, name in enumerate(node.inputs):
            view = self.views[name]
            if not walkable(node, view):
                view = self._copy(view, bytes_of(node.name, "in", index))
            reads.append(view)
        place = self.destination(node, reads)
        self.place(node.outputs[0], place)
        self.compute(node.name, [node], reads, [place])

    def destination(self, node: Node, reads: Sequence[View]) -> View:
        """A slice of the concatenation that is the only reader, an input, or a new storage."""
        output = node.outputs[0]
        shape = self.graph.tensors[output].shape
        part = self._part_of_concat(node, output)
        if part is not None:
            return part
        if self.options.in_place and node.in_place:
            for name, view in zip(node.inputs, reads, strict=True):
                own = self.views[name] == view and view.fills(self.storages[view.storage].size)
                own = own and all(r == view or r.storage != view.storage for r in reads)
                if own and view.shape == shape and self.is_last_use(name, {node.name}):
                    return view
        order = choose_order(
            self.graph, self.consumers, node, reads, lambda view: walkable(node, view)
        )
        return self.new(output, shape, order)

    def _part_of_concat(self, node: Node, output: str) -> View | None:
        readers = self.consumers[output]
        if len(readers) != 1 or output in self.graph.outputs:
            return None
        reader = readers[0]
        if not isinstance(reader, Concat) or reader.inputs.count(output) != 1:
            return None
        part = self._concat_part(reader, reader.inputs.index(output))
        return part if walkable(node, part) else None

    def _layout(self, node: Layout) -> None:
        output = node.outputs[0]
        shape = self.graph.tensors[output].shape
        match node:
            case Constant():
                self.storages[output] = Storage(output, node.data.size, data=node.data)
                self.views[output] = View.contiguous(output, shape)
            case Reshape():
                source = self.views[node.inputs[0]]
                view = source.reshaped(shape)
                if view is None:
                    view = self._copy(source, output).reshaped(shape)
                assert view is not None
                self.views[output] = view
            case Transpose():
                self.views[output] = self.views[node.inputs[0]].transposed(node.perm)
            case Slice():
                source = self.views[node.inputs[0]]
                self.views[output] = source.sliced(node.starts, node.steps, shape)
            case Concat():
                self._concat(node)
            case Pad():
                self._pad(node, shape)
            case Gather():
                self._gather(node, shape)
            case _:
                raise TypeError(f"layout operator {type(node).__name__} has no layout rule")

    def _concat_view(self, node: Concat) -> View:
        output = node.outputs[0]
        if output not in self.views:
            self.views[output] = self.new(output, self.graph.tensors[output].shape)
        return self.views[output]

    def _concat_part(self, node: Concat, index: int) -> View:
        whole = self._concat_view(node)
        shape = self.graph.tensors[node.inputs[index]].shape
        before = sum(self.graph.tensors[name].shape[node.axis] for name in node.inputs[:index])
        starts = [0] * len(shape)
        starts[node.axis] = before
        return whole.sliced(starts, [1] * len(shape), shape)

    def _concat(self, node: Concat) -> None:
        for index, name in enumerate(node.inputs):
            part = self._concat_part(node, index)
            source = self.views[name]
            if source != part:
                self.copy(f"{node.name}.in{index}", source, part)

    def _pad(self, node: Pad, shape: tuple[int, ...]) -> None:
        whole = self.new(node.outputs[0], shape)
        self.views[node.outputs[0]] = whole
        source = self.views[node.inputs[0]]
        inner = whole.sliced(node.before, [1] * len(shape), source.shape)
        fill = Fill(
            name=f"{node.name}.fill", value=node.value, writes=(whole,), loops=self.open_loops
        )
        self.steps.append(fill)
        self.copy(node.name, source, inner)

    def _gather(self, node: Gather, shape: tuple[int, ...]) -> None:
        source = self.views[node.inputs[0]]
        indices = node.indices
        step = indices[1] - indices[0] if len(indices) > 1 else 1
        if all(b - a == step for a, b in pairwise(indices)):
            starts, steps = [0] * len(shape), [1] * len(shape)
            starts[node.axis], steps[node.axis] = indices[0], step
            self.views[node.outputs[0]] = source.sliced(starts, steps, shape)
            return
        if _batch_axes(source, node.axis) or _batch_axes(source, None, node.axis + 1):
            source = self._copy(source, bytes_of(node.name, "in", 0))
        self.views[node.outputs[0]] = self.new(node.outputs[0], shape)
        self.compute(node.name, [node], [source], [self.views[node.outputs[0]]])

    def _dense_output(self, name: str) -> View:
        view = self.views[name]
        if view.is_row_major() and self.storages[view.storage].in_ram:
            return view
        return self._copy(view, bytes_of(name, "dense"))


def _batch_axes(view: View, stop: int | None, start: int = 0) -> bool:
    """True when the axes [start, stop) do not merge into one stride."""
    return len(merge_axes(view.shape[start:stop], [view.strides[start:stop]])) > 1
