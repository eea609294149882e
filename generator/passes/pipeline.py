"""The passes in their order, by name, so that each can be switched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from generator.errors import InputError
from generator.graph.graph import Graph
from generator.passes.fuse_activation import fuse_activation
from generator.passes.fuse_attention import fuse_attention
from generator.passes.simplify_layout import simplify_layout

Pass = Callable[[Graph], Graph]

PASSES: Mapping[str, Pass] = MappingProxyType(
    {
        "simplify-layout": simplify_layout,
        "fuse-attention": fuse_attention,
        "fuse-activation": fuse_activation,
    }
)


def run_passes(graph: Graph, disabled: Collection[str] = ()) -> Graph:
    """Apply every pass that is not disabled, in order.

    Raises InputError when a disabled name is not a pass.
    """
    unknown = sorted(set(disabled) - set(PASSES))
    if unknown:
        raise InputError(f"No pass is called {unknown[0]!r}; the passes are {', '.join(PASSES)}.")
    for name, rewrite in PASSES.items():
        if name not in disabled:
            graph = rewrite(graph)
    return graph
