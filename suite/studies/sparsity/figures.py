"""TinyFormer's Fig. 10 and 11 on this rig's accounting: a network by sparsity, and by operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Conv, Linear, Node
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.costs import cycles_of
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.models.masks import block_mask

SHARES = (0.4, 0.5, 0.6, 0.7, 0.8)
TYPICAL = 0.6
"""The sparsity at which operators are told apart: the mean of the paper's."""

OPERATORS: Mapping[str, str] = {"conv": "convolution", "linear": "linear", "softmax": "softmax"}
OTHERS = "others"
OURS, BITMAP, PORTABLE, DENSE = "tinyrig", "bitmap", "portable", "dense"

_LEAST = 8
_ZERO_WAITS = replace(ALL, cycles="0ws")
"""Needs are told in such cycles, and so planned for them."""

_STORED = replace(_ZERO_WAITS, attention="layerwise")
_ENGINES: Mapping[str, tuple[Options, bool]] = {
    OURS: (_STORED, False),
    BITMAP: (replace(_STORED, exponential="bitmap"), False),
    DENSE: (replace(_STORED, sparse="never"), False),
    PORTABLE: (replace(_STORED, sparse="always"), True),
}
"""Options, and whether portable kernels alone: the paper's other engine has no SIMD."""


@dataclass(frozen=True)
class Need:
    """What an inference is predicted to take: cycles, and bytes of weights and tables."""

    cycles: int
    flash: int


@dataclass(frozen=True)
class Share:
    """A network of a sparsity."""

    sparsity: float
    sparse: Need
    dense: Need


def by_sparsity(graph: Graph, board: Board, shares: Sequence[float] = SHARES) -> Iterator[Share]:
    """Yield a network with such shares of blocks of four left out, beside all of them: Fig. 10."""
    never = replace(_ZERO_WAITS, sparse="never")
    full = _need(cheapest_plan(pruned(graph, 0.0), board, options=never))
    for share in shares:
        plan = cheapest_plan(pruned(graph, share), board, options=_ZERO_WAITS)
        yield Share(share, _need(plan), full)


def by_operator(graph: Graph, board: Board) -> Mapping[str, Mapping[str, int]]:
    """Return the predicted cycles of each engine's operators at 60 %: Fig. 11."""
    network = pruned(graph, TYPICAL)
    return {
        name: _operators(cheapest_plan(network, board, options=options, ref_only=portable))
        for name, (options, portable) in _ENGINES.items()
    }


def pruned(graph: Graph, share: float) -> Graph:
    """Return a graph with a share of the blocks of its larger layers zero, and no other weight.

    Its answers are not those of the network that it was: figures of it are of its shapes.
    """
    return graph.rewired([_pruned(node, share) for node in graph.nodes])


def _pruned(node: Node, share: float) -> Node:
    if not isinstance(node, Linear | Conv) or (isinstance(node, Conv) and node.groups != 1):
        return node
    rows = node.weight.reshape(len(node.weight), -1)
    if min(rows.shape) < _LEAST:
        return node
    full = np.where(rows == 0, np.int8(1), rows)
    kept = block_mask(full, SPARSE_FORMATS["sparse4"].size, share, "balanced")
    return replace(node, weight=np.where(kept, full, np.int8(0)).reshape(node.weight.shape))


def _need(plan: Plan) -> Need:
    return Need(plan.cycles, plan.flash_bytes("weights") + plan.flash_bytes("tables"))


def _operators(plan: Plan) -> Mapping[str, int]:
    found = dict.fromkeys((*OPERATORS, OTHERS), 0)
    for laid, step in zip(plan.schedule.steps, plan.steps, strict=True):
        each = [cycles_of(step.kernel, call, plan.board.core) for call in step.calls]
        cycles = sum(each) * plan.schedule.executions(laid) // len(each)
        found[step.op if step.op in OPERATORS else OTHERS] += cycles
    return found
