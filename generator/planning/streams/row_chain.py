"""Runs of row-wise layers, a few rows at a time.

Between LayerNorm, fully connected and elementwise layers a token never meets another, so a run
of them can take a few tokens from the first layer to the last. What lies between exists for
those tokens only: the hidden activations of an MLP take rows * 4E bytes, never S * 4E.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node
from tinyrig.generator.graph.planned_names import bytes_of
from tinyrig.generator.planning.streams.stream import ScheduleBuilder, chunks, row_parts, rows_of
from tinyrig.generator.planning.view import View

_FEWEST_ROWS = 3


def _rows(graph: Graph, name: str) -> int:
    shape = graph.tensors[name].shape
    return graph.tensors[name].elements // shape[-1] if shape else 1


@dataclass(frozen=True, eq=False)
class RowChainStream:
    """Row-wise nodes in order; `inner` are the tensors nobody else needs."""

    nodes: tuple[Node, ...]
    inner: frozenset[str]
    rows: int
    part: int

    def by(self, rows: int) -> RowChainStream | None:
        """Return the stream with `rows` rows at a time; None where these are all of them."""
        part, _ = chunks(self.rows, rows)
        return replace(self, part=rows) if part < self.rows else None

    @property
    def members(self) -> frozenset[str]:
        """Names of the nodes the stream executes."""
        return frozenset(node.name for node in self.nodes)

    @property
    def last(self) -> str:
        """The last node of the run."""
        return self.nodes[-1].name

    def emit(self, builder: ScheduleBuilder) -> None:
        """Append one loop over the rows, and what remains of them."""
        full = self._outside(builder)
        for node in self.nodes:
            for name in node.outputs:
                if name not in self.inner:
                    full[name] = self._output(builder, node, name, full)
        for loop, first, size in row_parts(builder, self.rows, self.part):
            suffix = "" if first == 0 else ".rest"
            places = {
                name: rows_of(view, loop, first, size) if len(view.shape) == 2 else view
                for name, view in full.items()
            }
            for node in self.nodes:
                for name in node.outputs:
                    if name in self.inner:
                        width = builder.graph.tensors[name].shape[-1]
                        own = bytes_of(name, "rows", suffix=suffix)
                        places[name] = builder.new(own, (size, width))
                reads = [places[name] for name in node.inputs]
                writes = [places[name] for name in node.outputs]
                builder.compute(f"{node.name}{suffix}", [node], reads, writes)

    def _outside(self, builder: ScheduleBuilder) -> dict[str, View]:
        """Views of what comes in: [rows, columns], or one row for all."""
        found: dict[str, View] = {}
        made = {name for node in self.nodes for name in node.outputs}
        for node in self.nodes:
            for index, name in enumerate(node.inputs):
                if name in made or name in found:
                    continue
                view = builder.view(name)
                if _rows(builder.graph, name) != self.rows:
                    row = view.reshaped((view.shape[-1],)) if view.shape else view
                    assert row is not None
                    found[name] = row
                else:
                    own = bytes_of(node.name, "in", index)
                    found[name] = builder.dense_rows(view, own).matrix()
        return found

    def _output(
        self, builder: ScheduleBuilder, node: Node, name: str, full: dict[str, View]
    ) -> View:
        """A storage of its own, or the rows of an input that are read for the last time."""
        shape = builder.graph.tensors[name].shape
        for source, view in full.items():
            shared = [v for v in full.values() if v.storage == view.storage]
            if any(v != view for v in shared) or view.storage in self._written(full):
                continue
            if view.is_injective and self._may_replace(builder, node, name, source):
                replaced = view.reshaped(shape)
                if replaced is not None:
                    builder.place(name, replaced)
                    return view
        target = builder.new(name, (self.rows, shape[-1]))
        whole = target.reshaped(shape)
        assert whole is not None
        builder.place(name, whole)
        return target

    def _written(self, full: dict[str, View]) -> set[str]:
        """Storages that already take an output of this run."""
        made = {name for node in self.nodes for name in node.outputs}
        return {view.storage for name, view in full.items() if name in made}

    def _may_replace(self, builder: ScheduleBuilder, node: Node, name: str, source: str) -> bool:
        if builder.graph.tensors[name].elements != builder.graph.tensors[source].elements:
            return False
        made = {output for member in self.nodes for output in member.outputs}
        if source in made or not builder.is_last_use(source, self.members):
            return False
        readers = [i for i, member in enumerate(self.nodes) if source in member.inputs]
        written = self.nodes.index(node)
        if readers[-1] == written:
            return node.in_place
        return readers[-1] < written


def find_row_chains(graph: Graph, taken: Collection[str]) -> list[RowChainStream]:
    """Return every run of two or more row-wise nodes that leaves something out of memory."""
    found: list[RowChainStream] = []
    run: list[Node] = []
    for node in (*graph.nodes, None):
        if node is not None and node.name not in taken and _joins(graph, run, node):
            run.append(node)
            continue
        _close(graph, run, found)
        fits = node is not None and node.name not in taken and _joins(graph, [], node)
        run = [node] if fits and node is not None else []
    return found


def _joins(graph: Graph, run: Sequence[Node], node: Node) -> bool:
    if not node.row_wise or not graph.tensors[node.outputs[0]].shape:
        return False
    rows = _rows(graph, node.outputs[0])
    if rows <= _FEWEST_ROWS or (run and rows != _rows(graph, run[0].outputs[0])):
        return False
    return all(_walks(graph, node, name, rows) for name in node.inputs)


def _walks(graph: Graph, node: Node, name: str, rows: int) -> bool:
    """True for an operand that has these rows, or one row for all of them."""
    shape = graph.tensors[name].shape
    width = graph.tensors[node.outputs[0]].shape[-1]
    if not shape or (shape[-1] != width and node.in_place):
        return False
    return _rows(graph, name) in (rows, 1)


def _close(graph: Graph, run: Sequence[Node], found: list[RowChainStream]) -> None:
    if len(run) < 2:
        return
    consumers = graph.consumers()
    members = {node.name for node in run}
    inner = frozenset(
        name
        for node in run
        for name in node.outputs
        if name not in graph.outputs and all(reader.name in members for reader in consumers[name])
    )
    rows = _rows(graph, run[0].outputs[0])
    if inner:
        found.append(RowChainStream(tuple(run), inner, rows, rows))
