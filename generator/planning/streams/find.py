"""Which sites a graph has, and the streams that execute them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Attention
from tinyrig.generator.options import Options
from tinyrig.generator.planning.streams.bands import streamed_input
from tinyrig.generator.planning.streams.head_groups import find_head_groups
from tinyrig.generator.planning.streams.mhsa import find_mhsa
from tinyrig.generator.planning.streams.row_chain import find_row_chains
from tinyrig.generator.planning.streams.stream import Stream
from tinyrig.generator.planning.streams.ways import Ways, site_key, way_of
from tinyrig.generator.planning.streams.window_chain import find_window_chains, window_stream


@dataclass(frozen=True, eq=False)
class Sites:
    """Streams with the site each executes, and the site that every node belongs to.

    `streamed` are the model's inputs that are read band by band.
    """

    streams: Sequence[tuple[str, Stream]]
    nodes: Mapping[str, str]
    streamed: frozenset[str]


def find_sites(graph: Graph, options: Options, ways: Ways) -> Sites:
    """Return the streams of a graph, which share no node."""
    found: list[tuple[str, Stream]] = []
    nodes: dict[str, str] = {}
    streamed: set[str] = set()
    for chain in find_window_chains(graph):
        source = streamed_input(graph, chain[0]) if options.input_streaming else None
        site = site_key("bands" if source else "windows", graph, chain)
        nodes |= {node.name: site for node in chain}
        way = way_of(site, ways, options)
        strips = None
        if way.how != "whole":
            strips = window_stream(graph, chain, way, banded=source is not None)
        streamed |= {source} if source else set()
        if strips is not None:
            found.append((site, strips))
    _attention(graph, options, ways, found, nodes)
    taken = {name for _, stream in found for name in stream.members}
    for run in find_row_chains(graph, taken):
        site = site_key("tokens", graph, run.nodes)
        nodes |= dict.fromkeys(run.members, site)
        way = way_of(site, ways, options)
        tokens = run.by(way.size) if way.how == "tokens" else None
        if tokens is not None:
            found.append((site, tokens))
    return Sites(found, nodes, frozenset(streamed))


def _attention(
    graph: Graph,
    options: Options,
    ways: Ways,
    found: list[tuple[str, Stream]],
    nodes: dict[str, str],
) -> None:
    grouped = {stream.attention.name: stream for stream in find_head_groups(graph)}
    streamed = {stream.attention.name: stream for stream in find_mhsa(graph)}
    for node in graph.nodes:
        if not isinstance(node, Attention):
            continue
        site = site_key("attention", graph, [node])
        way = way_of(site, ways, options)
        groups, heads = grouped.get(node.name), streamed.get(node.name)
        stream: Stream | None = None
        if way.how == "groups" and groups is not None:
            stream = groups.at_most(way.size)
        elif way.how == "heads" and heads is not None:
            stream = heads.by(way.size)
        for one in (heads, groups):
            nodes |= dict.fromkeys(one.members if one else (), site)
        if stream is not None:
            found.append((site, stream))
