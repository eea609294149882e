"""Cycles of a linear layer by the density of its weights, every sparse form beside dense."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.options import ALL, Sparse
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.backends.interface import Backend, BootResult
from tinyrig.suite.cycles import model_cycles
from tinyrig.suite.cycles.tables import load_timing
from tinyrig.suite.models.masks import Kind
from tinyrig.suite.rig.firmware import Firmware
from tinyrig.suite.studies.kernels import graphs
from tinyrig.suite.studies.kernels.bench import proven_boot, sample_of
from tinyrig.suite.studies.kernels.cmsis_nn.peer import Answer, Peers
from tinyrig.suite.toolchain.toolchain import Toolchain

Shape = tuple[int, int, int]
"""Rows, columns in and columns out of a layer."""

SHAPE: Shape = (66, 192, 192)

FORMS: Mapping[str, Sparse] = {"4": "4", "2": "2", "2x4": "2x4"}
"""Sizes of blocks, as `--opt sparse=` names them."""

_ZERO_WAITS = replace(ALL, cycles="0ws")
"""Forms are compared by such cycles, and so planned for them."""

DENSITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)


@dataclass(frozen=True)
class Density:
    """A layer at a density: modelled cycles and flash bytes of one sparse and its dense form.

    `peer_cycles` are those of CMSIS-NN's dense layer, where they are known. `error_percent` is the
    band of modelled cycles, None of counted ones; `clock_mhz` is what their milliseconds are of.
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
    shape: Shape = SHAPE
    kind: Kind = "balanced"
    error_percent: float | None = None
    clock_mhz: float | None = None

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
    shape: Shape = SHAPE,
    clock_mhz: float | None = None,
) -> Iterator[Density]:
    """Yield the layer in every form at every density on a board, beside CMSIS-NN if `against`.

    `kind` says which blocks are kept: as many in every row, or the layer's largest. Milliseconds
    are of `clock_mhz`, or else of the board's clock.

    BrokenRunError when an answer is not the reference's.
    """
    layer = graphs.linear(*shape)

    band: float | None = None

    def run(graph: Graph, sparse: Sparse) -> tuple[int, int, Answer]:
        nonlocal band
        options = replace(_ZERO_WAITS, sparse=sparse)
        boot, firmware, answer = proven_boot(graph, board, backend, toolchain, options)
        stored = firmware.plan.flash_bytes("weights") - 4 * shape[2]
        band = None if boot.cycles is not None else load_timing(board.core).error_percent
        return cycles_of_boot(boot, firmware), stored, answer

    dense_cycles, dense_bytes, answer = run(layer, "never")
    peer = against and against.peer(layer.name, layer, sample_of(layer), answer)
    shares = list(densities)
    for form in forms:
        for density in shares:
            graph = graphs.sparse_linear(shape, SPARSE_FORMATS[f"sparse{form}"], density, kind)
            (node,) = graph.nodes
            assert isinstance(node, Linear)
            sparse_cycles, sparse_bytes, _ = run(graph, FORMS[form])
            yield Density(
                form=form,
                density=density,
                macs=math.prod(shape),
                weights=int((node.weight != 0).sum()),
                sparse_cycles=sparse_cycles,
                dense_cycles=dense_cycles,
                sparse_bytes=sparse_bytes,
                dense_bytes=dense_bytes,
                planned=cheapest_plan(graph, board, options=_ZERO_WAITS).steps[0].kernel.name,
                peer_cycles=peer.cycles if peer else None,
                shape=shape,
                kind=kind,
                error_percent=band,
                clock_mhz=clock_mhz or board.product_mhz,
            )


def cycles_of_boot(boot: BootResult, firmware: Firmware) -> int:
    """Return the cycles a backend counted, or those that are modelled of its profile."""
    if boot.cycles is not None:
        return boot.cycles.total
    assert boot.profile is not None
    return model_cycles(boot.profile, firmware.clean, firmware.plan.board.core).total
