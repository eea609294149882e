"""From the source form to the integer graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.context import Lowering
from tinyrig.generator.frontends.obstacles import REFUSING, Obstacles
from tinyrig.generator.frontends.registry import RULES
from tinyrig.generator.frontends.source import Source
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.requant import RangeError
from tinyrig.generator.graph.tensor import Affine

_UNREAD = Affine(1.0, 0)


def lower(source: Source) -> Graph:
    """Lower every node of a source whose operators are all registered.

    Raises UnsupportedError naming the node that cannot be lowered, or whose constants leave
    their integer range.
    """
    at = Lowering(source)
    inputs, outputs = _boundary(at)
    _lower_nodes(at, inputs, REFUSING)
    return _finished(at, inputs, outputs)


def attempt(source: Source, obstacles: Obstacles, *, ranges: bool = True) -> Graph | None:
    """Lower what can be, and keep all that cannot; the graph where there is no obstacle at all.

    Values that no node writes are looked past: their writers were refused already. Without
    `ranges`, constants that leave their integer range are too: the scales are not the model's own.
    """
    at = Lowering(source)
    inputs, outputs = _boundary(at)
    known = {*source.inputs, *source.producers()}
    read = {name for node in source.nodes for name in node.inputs if name}
    for name in read.union(value for _, value in source.outputs) - known:
        if source.values[name].data is None:
            at.pretend(name)
    sound = _lower_nodes(at, inputs, obstacles, ranges=ranges)
    for _, value in source.outputs:
        with obstacles.passing("", value):
            at.tensor(value)
    done = sound and not obstacles.found
    return _finished(at, inputs, outputs) if done else None


def _boundary(at: Lowering) -> tuple[list[str], list[str]]:
    """Return the safe names of inputs and outputs, taken before all others."""
    inputs = [at.builder.reserve(name, "input") for name in at.source.inputs]
    outputs = [at.builder.reserve(name, "output") for name, _ in at.source.outputs]
    return inputs, outputs


def _lower_nodes(
    at: Lowering, inputs: Sequence[str], obstacles: Obstacles, *, ranges: bool = True
) -> bool:
    """Lower inputs and nodes; whether no constant left its range, which is one more obstacle."""
    source = at.source
    readers = source.consumers()
    sound = True
    for name, safe in zip(source.inputs, inputs, strict=True):
        is_read = bool(readers[name]) or any(value == name for _, value in source.outputs)
        with obstacles.passing("", name) as met:
            affine = at.target(name) if is_read else _UNREAD
            at.bind(name, at.builder.named_tensor(safe, at.value(name).shape, affine))
        if met:
            at.pretend(name)
    for node in source.nodes:
        with obstacles.passing(node.op, node.name) as met:
            try:
                RULES[node.op](at, node)
            except RangeError as error:
                sound = False
                if ranges:
                    words = f"{node} cannot be computed in integers: {error}."
                    raise UnsupportedError(words) from error
        for name in filter(None, node.outputs) if met or not sound else ():
            if not at.holds(name):
                at.pretend(name)
    return sound


def _finished(at: Lowering, inputs: Sequence[str], outputs: Sequence[str]) -> Graph:
    source = at.source
    for (_, value), safe in zip(source.outputs, outputs, strict=True):
        at.builder.show(at.tensor(value), safe)
    graph = at.builder.graph(source.name, tuple(inputs), tuple(outputs), source.parameters)
    originals = (*source.inputs, *(name for name, _ in source.outputs))
    names = dict(zip((*inputs, *outputs), originals, strict=True))
    coded = {safe: source.coded[name] for safe, name in names.items() if name in source.coded}
    inner = {name: own for name, own in graph.source_names.items() if own in source.values}
    graph = replace(graph, source_names={**inner, **names}, coded=coded, notes=tuple(at.notes))
    graph.validate()
    return graph
