"""Cycles of a linear layer by the density of its weights, every sparse form beside dense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.options import ALL, Sparse
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.studies.kernels import graphs
from tinyrig.suite.studies.kernels.bench import run_graph, sample_of
from tinyrig.suite.studies.kernels.cmsis_nn.peer import Peers
from tinyrig.suite.toolchain.toolchain import Toolchain

SHAPE = (66, 192, 192)
"""Rows, columns in and columns out of the layer."""

FORMS: Mapping[str, Sparse] = {"4": "4", "2": "2", "2x4": "2x4"}
"""Sizes of blocks, as `--opt sparse=` names them."""

DENSITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)


@dataclass(frozen=True)
class Density:
    """A layer at a density: modelled cycles and flash bytes of one sparse and its dense form.

    `peer_cycles` are those of CMSIS-NN's dense layer, where they are known.
    """

    form: str
    density: float
    macs: int
    weights: int
    sparse_cycles: int
    dense_cycles: int
    sparse_bytes: int
    dense_bytes: int
    planned: str
    """The kernel that the planner takes of itself."""

    peer_cycles: int | None = None

    @property
    def faster(self) -> float:
        """How many times faster than dense the sparse form is."""
        return self.dense_cycles / self.sparse_cycles


def measure(
    forms: Iterable[str],
    densities: Iterable[float],
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    against: Peers | None = None,
) -> Iterator[Density]:
    """Yield the layer in every form at every density on a board, beside CMSIS-NN if `against`.

    BrokenRunError when an answer is not the reference's.
    """
    peer: int | None = None
    dense: tuple[int, int, str] | None = None
    shares = list(densities)
    for form in forms:
        for density in shares:
            graph = graphs.sparse_linear(SHAPE, SPARSE_FORMATS[f"sparse{form}"], density)

            def cost(sparse: Sparse, graph: Graph = graph) -> tuple[int, int, str]:
                options = replace(ALL, sparse=sparse)
                cycles, plan, answer = run_graph(graph, board, backend, toolchain, options)
                nonlocal peer
                if against is not None and peer is None:
                    found = against.peer(graph.name, graph, sample_of(graph), answer)
                    peer = found.cycles if found else None
                return cycles.total, plan.flash_bytes("weights"), plan.steps[0].kernel.name

            dense = dense or cost("never")
            sparse = cost(FORMS[form])
            yield _density(form, density, graph, sparse, dense, peer, cost("auto")[2])


def _density(
    form: str,
    density: float,
    graph: Graph,
    sparse: tuple[int, int, str],
    dense: tuple[int, int, str],
    peer: int | None,
    planned: str,
) -> Density:
    (node,) = graph.nodes
    assert isinstance(node, Linear)
    rows, k, n = SHAPE
    return Density(
        form=form,
        density=density,
        macs=rows * k * n,
        weights=int((node.weight != 0).sum()),
        sparse_cycles=sparse[0],
        dense_cycles=dense[0],
        sparse_bytes=sparse[1] - node.start.nbytes,
        dense_bytes=dense[1] - node.start.nbytes,
        planned=planned,
        peer_cycles=peer,
    )
