"""How groups of source nodes are found, and replaced by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from generator.frontends.source import Source, SourceNode, Value


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

    def only_reader(self, name: str, *ops: str) -> SourceNode | None:
        """Return the one node that reads `name` if it is one of `ops`."""
        readers = self.readers[name]
        return readers[0] if len(readers) == 1 and readers[0].op in ops else None

    def constant(self, name: str) -> Value | None:
        """Return the value `name` if it is a constant."""
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


def apply_group(source: Source, find: Callable[[View, SourceNode], Group | None]) -> Source:
    """Return the source with every group that `find` sees at a node replaced by one node."""
    view = View(source)
    swaps: dict[SourceNode, SourceNode] = {}
    dropped: set[SourceNode] = set()
    values = dict(source.values)
    shown = {value for _, value in source.outputs}
    for node in source.nodes:
        group = find(view, node)
        if group is None or dropped.intersection(group.nodes) or not _is_closed(view, group, shown):
            continue
        dropped.update(group.nodes)
        swaps[group.last] = group.merged
        values.update({value.name: value for value in group.values})
    kept = (swaps.get(n, n) for n in source.nodes if n not in dropped or n in swaps)
    return replace(source, nodes=tuple(kept), values=values)


def _is_closed(view: View, group: Group, shown: set[str]) -> bool:
    """Whether nothing outside the group reads its inner values."""
    inside = set(group.nodes)
    inner = [name for node in group.nodes if node is not group.last for name in node.outputs]
    return not shown.intersection(inner) and all(
        inside.issuperset(view.readers[name]) for name in inner
    )
