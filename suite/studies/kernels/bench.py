"""Measuring one row: build, boot, prove the answer, model the cycles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.backends.interface import Backend, BootResult
from tinyrig.suite.cycles import ModelledCycles, model_cycles
from tinyrig.suite.cycles.tables import modelled
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.energy import milliseconds_at
from tinyrig.suite.rig.firmware import Firmware, make_firmware
from tinyrig.suite.rig.verdict import answers, quantized_inputs, sample_bytes
from tinyrig.suite.studies.kernels.cmsis_nn.peer import Answer, Peer, Peers
from tinyrig.suite.studies.kernels.rows import Row
from tinyrig.suite.toolchain.toolchain import Toolchain

_PADDED_FACTOR = 1.1


@dataclass(frozen=True)
class Measured:
    """A row on a board. `target` is the most cycles it may take, None where none is set.

    `peer` is what CMSIS-NN takes, where that is known; `toolchain` compiled both.
    """

    row: Row
    board: str
    clock_mhz: float
    kernels: tuple[str, ...]
    cycles: ModelledCycles
    target: float | None
    limit: float
    toolchain: str
    peer: Peer | None = None
    peer_version: str = ""

    @property
    def total(self) -> int:
        """Cycles of the row: of the inference, or of the functions that count."""
        return _total(self.row, self.cycles)

    @property
    def milliseconds(self) -> float:
        """What the cycles take at the board's own clock."""
        return milliseconds_at(self.clock_mhz, self.total)

    @property
    def each(self) -> float:
        """Cycles a MAC or element."""
        return self.total / self.row.work

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where none is set."""
        return None if self.target is None else self.total <= self.target


def measure(
    rows: Iterable[Row],
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    against: Peers | None = None,
) -> Iterator[Measured]:
    """Yield every row on a board, beside CMSIS-NN's figure when `against` has it.

    BrokenRunError when an answer is not the reference's.
    """
    totals: dict[str, int] = {}
    units: dict[str, int] = {}
    for row in rows:
        cycles, plan, answer = run_graph(
            row.make(), board, backend, toolchain, row.options, wide=row.wide_weights
        )
        kernels = tuple(dict.fromkeys(step.kernel.name for step in plan.steps))
        totals[row.name], units[row.name] = _total(row, cycles), row.work
        peer = None
        if against is not None:
            graph = row.make()
            peer = against.peer(row.name, graph, sample_of(graph), answer)
        target = _target(row, board, totals, peer)
        if row.smaller is not None:
            each = totals[row.smaller] / units[row.smaller]
            target = _PADDED_FACTOR * each * row.work
        yield Measured(
            row,
            board.name,
            board.product_mhz,
            kernels,
            cycles,
            target,
            modelled(board.core).cycles_a_mac,
            f"{toolchain.name} {toolchain.version}",
            peer,
            "" if against is None else against.version,
        )


def _total(row: Row, cycles: ModelledCycles) -> int:
    """BrokenRunError when a function that counts is not in the image."""
    if not row.functions:
        return cycles.total
    found = cycles.by_function()
    if missing := [name for name in row.functions if name not in found]:
        raise BrokenRunError(f"{row.name}: {missing[0]} was not executed.")
    return sum(found[name] for name in row.functions)


def _target(row: Row, board: Board, totals: dict[str, int], peer: Peer | None) -> float | None:
    if row.padded is not None:
        return _PADDED_FACTOR * totals[row.padded]
    if row.fewer is not None and peer is not None:
        return peer.cycles / row.fewer
    target = row.targets.get(board.core)
    if target is None or row.whole:
        return target
    return target * row.work


def run_graph(
    graph: Graph,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    options: Options = ALL,
    *,
    wide: bool = True,
) -> tuple[ModelledCycles, Plan, Answer]:
    """Return the modelled cycles of one inference on a board, its plan and its answer.

    BrokenRunError when the answer is not the reference's.
    """
    boot, firmware, expected = proven_boot(graph, board, backend, toolchain, options, wide=wide)
    if boot.profile is None:
        raise BrokenRunError(f"{graph.name} on {board.name}: {backend.name} gave no profile.")
    return model_cycles(boot.profile, firmware.clean, board.core), firmware.plan, expected


def proven_boot(
    graph: Graph,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    options: Options = ALL,
    *,
    wide: bool = True,
) -> tuple[BootResult, Firmware, Answer]:
    """Return one boot of a graph, with a profile where the backend can, and its answer.

    BrokenRunError when the answer is not the reference's.
    """
    from tinyrig.suite.reference.executor import run_reference

    sample = sample_of(graph)
    raw = sample_bytes(graph, sample)
    firmware = make_firmware(graph, board, toolchain, raw, options=options, wide=wide)
    profile = backend.capabilities.profile
    boot = backend.run(firmware.clean, board, sample=raw, profile=profile)
    if not boot.transcript.ok:
        raise BrokenRunError(f"{graph.name} on {board.name}: the firmware failed its own checks.")
    graph = firmware.plan.graph
    got = answers(graph, boot.transcript.outputs)
    expected = run_reference(graph, quantized_inputs(graph, sample))
    if any(not np.array_equal(got[name], expected[name]) for name in expected):
        raise BrokenRunError(f"{graph.name} on {board.name}: the answer is not the reference's.")
    return boot, firmware, expected


def sample_of(graph: Graph) -> Sample:
    """Return random inputs of a graph, the same each time."""
    rng = np.random.default_rng(1)
    sample: Sample = {}
    for name in graph.inputs:
        tensor = graph.tensors[name]
        codes = rng.integers(-128, 128, size=tensor.shape) - tensor.affine.zero_point
        sample[name] = (codes * tensor.affine.scale).astype(np.float32)
    return sample
