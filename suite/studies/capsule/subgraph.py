"""Graphs cut out of a graph."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Constant, Layout
from tinyrig.generator.options import Options
from tinyrig.generator.planning.streams.find import find_sites
from tinyrig.generator.planning.streams.ways import Ways


def cut(graph: Graph, members: Collection[str], name: str) -> Graph:
    """Return the named nodes as a graph of their own, called `name`.

    It reads what they read from others, except constants, which come along; it gives what others,
    or the model's outputs, read from them.
    """
    producers, consumers = graph.producers(), graph.consumers()
    chosen = [node for node in graph.nodes if node.name in members]
    read = dict.fromkeys(tensor for node in chosen for tensor in node.inputs)
    constants = {producers[t].name for t in read if isinstance(producers.get(t), Constant)}
    kept = [node for node in graph.nodes if node.name in members or node.name in constants]
    made = {tensor for node in kept for tensor in node.outputs}
    given = [tensor for node in chosen for tensor in node.outputs]
    cutout = Graph(
        name=name,
        tensors=graph.tensors,
        nodes=tuple(kept),
        inputs=tuple(tensor for tensor in read if tensor not in made),
        outputs=tuple(
            tensor
            for tensor in given
            if tensor in graph.outputs
            or any(reader.name not in members for reader in consumers[tensor])
        ),
    )
    return cutout.rewired(kept)


def surroundings(
    graph: Graph, node: str, options: Options, ways: Ways, *, alone: bool
) -> Iterator[frozenset[str]]:
    """Yield sets of nodes around one, growing until the whole graph.

    The node; with the layout operators it reads and writes through; the stream it is executed
    in; that with its layout operators; then ring by ring the nodes it reads from and is read by.
    Unless `alone` is allowed, a node of a stream comes with its stream.
    """
    members = frozenset((node,))
    found = [stream.members for _, stream in find_sites(graph, options, ways).streams]
    streams = [names for names in found if node in names]
    if alone or not streams:
        yield members
        yield _with_layouts(graph, members)
    for stream in streams:
        members = stream
        yield members
        yield _with_layouts(graph, members)
    producers, consumers = graph.producers(), graph.consumers()
    while len(members) < len(graph.nodes):
        inside = [node for node in graph.nodes if node.name in members]
        reads = {producers[n].name for node in inside for n in node.inputs if n in producers}
        yield members | reads
        readers = {reader.name for node in inside for n in node.outputs for reader in consumers[n]}
        grown = members | reads | readers
        if grown == members:
            return
        members = grown
        yield members


def _with_layouts(graph: Graph, members: frozenset[str]) -> frozenset[str]:
    """Add the layout operators that lead to the nodes, and those that lead on from them."""
    producers, consumers = graph.producers(), graph.consumers()
    found = set(members)
    before = [name for node in graph.nodes if node.name in members for name in node.inputs]
    while before:
        node = producers.get(before.pop())
        if isinstance(node, Layout) and node.name not in found:
            found.add(node.name)
            before.extend(node.inputs)
    after = [name for node in graph.nodes if node.name in members for name in node.outputs]
    while after:
        for node in consumers[after.pop()]:
            if isinstance(node, Layout) and node.name not in found:
                found.add(node.name)
                after.extend(node.outputs)
    return frozenset(found)
