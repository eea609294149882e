"""From the graph to steps on strided views: layout operators become views where they can."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from generator.graph.graph import Graph
from generator.graph.ops import (
    Concat,
    Constant,
    Gather,
    LayerNorm,
    Layout,
    Linear,
    Node,
    Pad,
    Reshape,
    Slice,
    Softmax,
    Transpose,
)
from generator.planning.order import choose_order
from generator.planning.step import Compute, Copy, Fill, Schedule, Step, Storage
from generator.planning.view import View, merge_axes

_MAX_OUTER_AXES = 2


def lay_out(graph: Graph) -> Schedule:
    """Return the schedule of a graph: views for every tensor, copies where nothing else helps."""
    return _Builder(graph).build()


@dataclass(eq=False)
class _Builder:
    graph: Graph
    views: dict[str, View] = field(default_factory=dict)
    storages: dict[str, Storage] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.consumers = self.graph.consumers()

    def build(self) -> Schedule:
        graph = self.graph
        for name in graph.inputs:
            self.views[name] = self._new(name, graph.tensors[name].shape)
        for node in graph.nodes:
            if isinstance(node, Layout):
                self._layout(node)
            else:
                self._compute(node)
        inputs = {name: self.views[name] for name in graph.inputs}
        outputs = {name: self._dense_output(name) for name in graph.outputs}
        return Schedule(tuple(self.steps), self.storages, inputs, outputs)

    def _new(self, name: str, shape: tuple[int, ...], order: tuple[int, ...] | None = None) -> View:
        view = View.contiguous(name, shape, order)
        size = 1
        for extent in shape:
            size *= extent
        self.storages[name] = Storage(name, size)
        return view

    def _copy(self, view: View, name: str) -> View:
        """Copy a view into a dense row-major storage of its own."""
        dense = self._new(name, view.shape)
        self.steps.append(Copy(name, (view,), (dense,)))
        return dense

    def _compute(self, node: Node) -> None:
        reads = []
        for index, name in enumerate(node.inputs):
            view = self.views[name]
            if _must_be_dense(node, view):
                view = self._copy(view, f"{node.name}.in{index}")
            reads.append(view)
        output = node.outputs[0]
        self.views[output] = self._destination(node, output, reads)
        self.steps.append(Compute(node.name, node, tuple(reads), (self.views[output],)))

    def _destination(self, node: Node, output: str, reads: list[View]) -> View:
        """A slice of the concatenation that is the only reader, or a storage of its own."""
        readers = self.consumers[output]
        if len(readers) == 1 and output not in self.graph.outputs:
            reader = readers[0]
            if isinstance(reader, Concat) and reader.inputs.count(output) == 1:
                part = self._concat_part(reader, reader.inputs.index(output))
                if not _must_be_dense(node, part):
                    return part
        order = choose_order(self.graph, self.consumers, node, reads)
        return self._new(output, self.graph.tensors[output].shape, order)

    def _layout(self, node: Layout) -> None:
        output = node.outputs[0]
        shape = self.graph.tensors[output].shape
        match node:
            case Constant():
                self.storages[output] = Storage(output, node.data.size, node.data)
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
            self.views[output] = self._new(output, self.graph.tensors[output].shape)
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
                self.steps.append(Copy(f"{node.name}.in{index}", (source,), (part,)))

    def _pad(self, node: Pad, shape: tuple[int, ...]) -> None:
        whole = self._new(node.outputs[0], shape)
        self.views[node.outputs[0]] = whole
        source = self.views[node.inputs[0]]
        inner = whole.sliced(node.before, [1] * len(shape), source.shape)
        self.steps.append(Fill(f"{node.name}.fill", node.value, (whole,)))
        self.steps.append(Copy(node.name, (source,), (inner,)))

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
            source = self._copy(source, f"{node.name}.in0")
        self.views[node.outputs[0]] = self._new(node.outputs[0], shape)
        self.steps.append(Compute(node.name, node, (source,), (self.views[node.outputs[0]],)))

    def _dense_output(self, name: str) -> View:
        view = self.views[name]
        if view.is_row_major() and not self.storages[view.storage].in_flash:
            return view
        return self._copy(view, f"{name}.dense")


def _batch_axes(view: View, stop: int | None, start: int = 0) -> bool:
    """True when the axes [start, stop) do not merge into one stride."""
    return len(merge_axes(view.shape[start:stop], [view.strides[start:stop]])) > 1


def _must_be_dense(node: Node, view: View) -> bool:
    """True when no kernel of the node's operator can walk the view."""
    match node:
        case Linear() | LayerNorm():
            return view.rows() is None
        case Softmax():
            moved = view.transposed([*_others(view, node.axis), node.axis])
            outer = merge_axes(moved.shape[:-1], [moved.strides[:-1]])
            return len(outer) > _MAX_OUTER_AXES
        case _:
            return False


def _others(view: View, axis: int) -> list[int]:
    return [other for other in range(len(view.shape)) if other != axis]
