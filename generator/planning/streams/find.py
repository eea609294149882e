"""Which streams a graph has under the given options."""

from __future__ import annotations

from collections.abc import Sequence

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options
from tinyrig.generator.planning.streams.head_groups import find_head_groups
from tinyrig.generator.planning.streams.mhsa import find_mhsa
from tinyrig.generator.planning.streams.row_chain import find_row_chains
from tinyrig.generator.planning.streams.stream import Stream
from tinyrig.generator.planning.streams.window_chain import find_window_chains


def find_streams(graph: Graph, options: Options, heads: int | None = None) -> Sequence[Stream]:
    """Return streams that share no node.

    With `heads`, attention runs at most so many heads at a time, for all rows.
    """
    found: list[Stream] = []
    if options.conv_streaming:
        found.extend(find_window_chains(graph))
    if heads is not None:
        found.extend(find_head_groups(graph, heads))
    elif options.attention == "head-streamed":
        found.extend(find_mhsa(graph))
    if options.mlp_streaming:
        taken = {name for stream in found for name in stream.members}
        found.extend(find_row_chains(graph, taken))
    return found
