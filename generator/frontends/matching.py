"""What patterns ask of a source graph, and how a group of nodes becomes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tinyrig.generator.frontends.source import Source, SourceNode, Value


def axes_of(node: SourceNode, view: Source, rank: int) -> tuple[int, ...] | None:
    """Return a reduction's axes (attribute or input), non-negative and sorted; None: not given."""
    axes = node.integers("axes")
    if axes is None and node.input(1):
        data = view.values[node.input(1)].data
        axes = None if data is None else tuple(int(axis) for axis in data.reshape(-1))
    if axes is None:
        return None
    return tuple(sorted(axis + rank if axis < 0 else axis for axis in axes))


@dataclass
class View:
    """A source with the questions patterns ask of it."""

    source: Source
    readers: dict[str, list[SourceNode]] = field(init=False)
    writers: dict[str, SourceNode] = field(init=False)

    def __post_init__(self) -> None:
        self.readers = self.source.consumers()
        self.writers = self.source.producers()

    def writer(self, name: str, *ops: str) -> SourceNode | None:
        """Return the node that writes `name` if it is one of `ops`."""
        node = self.writers.get(name)
        return node if node is not None and node.op in ops else None

    def sole_writer(self, name: str, *ops: str) -> SourceNode | None:
        """Return the node that writes `name` if it is one of `ops` and one node alone reads it."""
        return self.writer(name, *ops) if len(self.readers[name]) == 1 else None

    def only_reader(self, name: str, *ops: str) -> SourceNode | None:
        """Return the one node that reads `name` if it is one of `ops`."""
        readers = self.readers[name]
        return readers[0] if len(readers) == 1 and readers[0].op in ops else None

    def constant(self, name: str) -> Value | None:
        """Return the value when it is a constant."""
        value = self.source.values.get(name)
        return value if value is not None and value.data is not None else None

    def split_constant(self, node: SourceNode) -> tuple[str, Value] | None:
        """Return (activation name, constant) of a commutative node with one constant."""
        first, second = node.inputs[:2]
        for name, other in ((first, second), (second, first)):
            constant = self.constant(other)
            if constant is not None and self.constant(name) is None:
                return name, constant
        return None


@dataclass(frozen=True)
class Group:
    """Nodes that `merged` replaces; it stands where the last of them, `last`, stood."""

    nodes: tuple[SourceNode, ...]
    last: SourceNode
    merged: SourceNode
    values: tuple[Value, ...] = ()


def apply_pattern(source: Source, find: Callable[[View, SourceNode], Group | None]) -> Source:
    """Return the source with every group `find` gives as its merged node.

    A group is left as it is when something outside reads one of its inner values, and when it
    shares a node with an earlier one.
    """
    view = View(source)
    swaps: dict[SourceNode, SourceNode] = {}
    dropped: set[SourceNode] = set()
    values = dict(source.values)
    shown = {value for _, value in source.outputs}
    for node in source.nodes:
        group = find(view, node)
        if group is None or dropped.intersection(group.nodes) or not _closed(view, group, shown):
            continue
        dropped.update(group.nodes)
        swaps[group.last] = group.merged
        values.update({value.name: value for value in group.values})
    kept = (swaps.get(n, n) for n in source.nodes if n not in dropped or n in swaps)
    return replace(source, nodes=tuple(kept), values=values)


def _closed(view: View, group: Group, shown: set[str]) -> bool:
    """Whether nothing outside the group reads its inner values."""
    inside = set(group.nodes)
    inner = [name for node in group.nodes if node is not group.last for name in node.outputs]
    return not shown.intersection(inner) and all(
        inside.issuperset(view.readers[name]) for name in inner
    )


def is_matrix(shape: tuple[int, ...]) -> bool:
    """Whether a shape is of one matrix, or of a vector, and not of one for each of a batch."""
    return len(shape) >= 1 and all(extent == 1 for extent in shape[:-2])


def row_shapes(extent: int, rank: int) -> set[tuple[int, ...]]:
    """Return the shapes that broadcast along the last axis only."""
    rows = {(1,) * ones + (extent,) for ones in range(rank)}
    return rows | {(1,) * ones for ones in range(rank + 1)}
