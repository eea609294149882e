"""Ways to execute a site: a group of nodes that may run part by part, in parts of a size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node
from tinyrig.generator.options import Options

Kind = Literal["windows", "bands", "attention", "tokens"]
How = Literal["whole", "strips", "bands", "heads", "groups", "tokens"]


@dataclass(frozen=True)
class Way:
    """How a site is executed, and the size of its parts.

    whole: node by node. strips: rows of images, with at most `size` per cent more work than once.
    bands: of a streamed input what `size` rows of the first layer need, the other layers whole.
    heads: one head at a time, `size` queries of it. groups: at most `size` heads at a time, for
    all queries. tokens: `size` rows at a time through all layers.
    """

    how: How
    size: int = 0

    @property
    def word(self) -> str:
        """The way as text, `heads=12`."""
        return f"{self.how}={self.size}" if self.size else self.how

    @staticmethod
    def of(word: str) -> Way:
        """Return the way of a word; InputError for none."""
        how, _, size = word.partition("=")
        if how not in get_args(How) or not (size or "0").isdecimal():
            raise InputError(f"{word!r} is no way to execute a part of a graph.")
        return Way(cast(How, how), int(size or "0"))


WHOLE = Way("whole")
Ways = Mapping[str, Way]
"""Ways by site, or by kind for every site of it that is not named itself."""

_ATTENTION = (
    *(Way("heads", queries) for queries in (3, 6, 12, 24, 1 << 16)),
    *(Way("groups", heads) for heads in (1, 2, 4, 1 << 16)),
    WHOLE,
)
_STRIPS = tuple(Way("strips", more) for more in (50, 25, 10))
_PERMITTED: Mapping[Kind, tuple[Way, ...]] = {
    "windows": (*_STRIPS, WHOLE),
    "bands": (*_STRIPS, *(Way("bands", rows) for rows in (1, 2, 3, 6))),
    "tokens": (*(Way("tokens", rows) for rows in (3, 6, 12, 24)), WHOLE),
    "attention": _ATTENTION,
}


def site_key(kind: Kind, graph: Graph, nodes: Iterable[Node]) -> str:
    """Return a name that sites of the same operators and shapes share."""
    parts = [
        f"{node.op} {[graph.tensors[name].shape for name in (*node.inputs, *node.outputs)]}"
        for node in nodes
    ]
    return f"{kind}-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:12]}"


def kind_of(site: str) -> Kind | None:
    """Return the kind of a site by its name."""
    return next((kind for kind in _PERMITTED if kind == site.partition("-")[0]), None)


def stated_way(kind: Kind, options: Options) -> Way:
    """Return the way of a kind of site that the switches state."""
    match kind:
        case "windows":
            return Way("strips", 25) if options.conv_streaming else WHOLE
        case "bands":
            return Way("strips", 25) if options.conv_streaming else Way("bands", 1)
        case "tokens":
            return Way("tokens", 12) if options.mlp_streaming else WHOLE
        case "attention":
            return Way("heads", 12) if options.attention == "head-streamed" else WHOLE


def permitted_ways(kind: Kind, options: Options) -> tuple[Way, ...]:
    """Return every way that saves no more memory than the switches permit and computes the same.

    The first is the stated one. Layer-wise attention rounds elsewhere than the others, so it is
    alone where it is asked for.
    """
    stated = stated_way(kind, options)
    if stated == WHOLE and (kind != "attention" or options.attention == "layerwise"):
        return (WHOLE,)
    found = _PERMITTED[kind]
    if kind == "bands" and not options.conv_streaming:
        found = tuple(way for way in found if way.how == "bands")
    if stated == WHOLE:
        found = (WHOLE, *(way for way in found if way.how == "groups" and way.size > 4))
    return (stated, *(way for way in found if way != stated))


def way_of(site: str, ways: Ways, options: Options) -> Way:
    """Return how a site is executed: as it is named, else as its kind is, else as stated."""
    kind = kind_of(site)
    assert kind is not None
    return ways.get(site) or ways.get(kind) or stated_way(kind, options)
