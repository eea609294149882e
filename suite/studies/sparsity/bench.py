"""Cycles of a linear layer by the density of its weights, sparse beside dense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.options import ALL, Sparse
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.models.masks import block_mask
from tinyrig.suite.studies.kernels import graphs
from tinyrig.suite.studies.kernels.bench import run_graph
from tinyrig.suite.toolchain.toolchain import Toolchain

BLOCK = 4
SHAPE = (66, 192, 192)
"""Rows, columns in and columns out of the layer."""

DENSITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)


@dataclass(frozen=True)
class Density:
    """A layer at a density: modelled cycles and flash bytes of its sparse and its dense form."""

    density: float
    macs: int
    weights: int
    sparse_cycles: int
    dense_cycles: int
    sparse_bytes: int
    dense_bytes: int
    planned: str
    """The kernel that the planner takes of itself."""

    @property
    def faster(self) -> float:
        """How many times faster than dense the sparse form is."""
        return self.dense_cycles / self.sparse_cycles


def sparse_linear(density: float) -> Graph:
    """Return the layer with that share of its blocks, the largest ones."""
    graph = graphs.linear(*SHAPE)
    (node,) = graph.nodes
    assert isinstance(node, Linear)
    weight = node.weight * block_mask(node.weight, BLOCK, 1 - density)
    return replace(graph, nodes=(replace(node, weight=weight),))


def measure(
    densities: Iterable[float], board: Board, backend: Backend, toolchain: Toolchain
) -> Iterator[Density]:
    """Yield the layer at every density on a board.

    BrokenRunError when an answer is not the reference's.
    """
    rows, k, n = SHAPE
    for density in densities:
        graph = sparse_linear(density)
        (node,) = graph.nodes
        assert isinstance(node, Linear)

        def cost(sparse: Sparse, graph: Graph = graph) -> tuple[int, int, str]:
            options = replace(ALL, sparse=sparse)
            cycles, plan, _ = run_graph(graph, board, backend, toolchain, options)
            return cycles.total, plan.flash_bytes("weights"), plan.steps[0].kernel.name

        sparse_cycles, sparse_bytes, kernel = cost("always")
        dense_cycles, dense_bytes, other = cost("never")
        yield Density(
            density=density,
            macs=rows * k * n,
            weights=int((node.weight != 0).sum()),
            sparse_cycles=sparse_cycles,
            dense_cycles=dense_cycles,
            sparse_bytes=sparse_bytes - node.start.nbytes,
            dense_bytes=dense_bytes - node.start.nbytes,
            planned=kernel if cost("auto")[2] == kernel else other,
        )
