"""Cycles of a linear layer by the density of its weights, every sparse form beside dense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.options import ALL, Sparse
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.models.masks import Kind
from tinyrig.suite.studies.kernels import graphs
from tinyrig.suite.studies.kernels.bench import run_graph, sample_of
from tinyrig.suite.studies.kernels.cmsis_nn.peer import Answer, Peers
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
    kind: Kind = "balanced",
) -> Iterator[Density]:
    """Yield the layer in every form at every density on a board, beside CMSIS-NN if `against`.

    `kind` says which blocks are kept: as many in every row, or the layer's largest.

    BrokenRunError when an answer is not the reference's.
    """
    layer = graphs.linear(*SHAPE)

    def run(graph: Graph, sparse: Sparse) -> tuple[int, int, Answer]:
        options = replace(ALL, sparse=sparse)
        cycles, plan, answer = run_graph(graph, board, backend, toolchain, options)
        return cycles.total, plan.flash_bytes("weights") - 4 * SHAPE[2], answer

    dense_cycles, dense_bytes, answer = run(layer, "never")
    peer = against and against.peer(layer.name, layer, sample_of(layer), answer)
    shares = list(densities)
    for form in forms:
        for density in shares:
            graph = graphs.sparse_linear(SHAPE, SPARSE_FORMATS[f"sparse{form}"], density, kind)
            (node,) = graph.nodes
            assert isinstance(node, Linear)
            sparse_cycles, sparse_bytes, _ = run(graph, FORMS[form])
            yield Density(
                form=form,
                density=density,
                macs=SHAPE[0] * SHAPE[1] * SHAPE[2],
                weights=int((node.weight != 0).sum()),
                sparse_cycles=sparse_cycles,
                dense_cycles=dense_cycles,
                sparse_bytes=sparse_bytes,
                dense_bytes=dense_bytes,
                planned=cheapest_plan(graph, board).steps[0].kernel.name,
                peer_cycles=peer.cycles if peer else None,
            )
