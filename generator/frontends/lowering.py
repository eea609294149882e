"""From the source form to the integer graph."""

from __future__ import annotations

from dataclasses import replace

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.context import Lowering
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
    inputs = [at.builder.reserve(name, "input") for name in source.inputs]
    outputs = [at.builder.reserve(name, "output") for name, _ in source.outputs]
    readers = source.consumers()
    for name, safe in zip(source.inputs, inputs, strict=True):
        is_read = bool(readers[name]) or any(value == name for _, value in source.outputs)
        affine = at.target(name) if is_read else _UNREAD
        at.bind(name, at.builder.named_tensor(safe, at.value(name).shape, affine))
    for node in source.nodes:
        try:
            RULES[node.op](at, node)
        except RangeError as error:
            raise UnsupportedError(f"{node} cannot be computed in integers: {error}.") from error
    for (_, value), safe in zip(source.outputs, outputs, strict=True):
        at.builder.show(at.tensor(value), safe)
    graph = at.builder.graph(source.name, tuple(inputs), tuple(outputs), source.parameters)
    originals = (*source.inputs, *(name for name, _ in source.outputs))
    names = dict(zip((*inputs, *outputs), originals, strict=True))
    coded = {safe: source.coded[name] for safe, name in names.items() if name in source.coded}
    inner = {name: own for name, own in graph.source_names.items() if own in source.values}
    graph = replace(graph, source_names={**inner, **names}, coded=coded)
    graph.validate()
    return graph
