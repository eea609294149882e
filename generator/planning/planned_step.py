"""Planned steps: what is executed, by which kernel, with its constants as the kernel reads them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.planned_names import numbered
from tinyrig.generator.operators.reads import READER
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.call import Call, content
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.packing import packed
from tinyrig.generator.planning.resident import params_bytes
from tinyrig.generator.planning.step import Compute, Schedule, Step


@dataclass(frozen=True, eq=False)
class PlannedStep:
    """One kernel call: what it works on, with which variant, and its scratch buffer's name.

    `calls` has one entry, or one an iteration of loop `varies`. `macs` are those of all
    executions in one inference. A `serial` one is the first core's alone. `part` is the layer that
    a tiled model's step is a part of, `block` which of its parts read the same constants. `shares`
    is the step before, of the same block, that has equal parameters; None for a step with its own.
    """

    name: str
    op: str
    calls: tuple[Call, ...]
    kernel: Kernel
    scratch: str | None
    macs: int
    loops: tuple[int, ...]
    varies: int | None
    serial: bool = False
    part: int | None = None
    block: int | None = None
    shares: int | None = None

    @property
    def call(self) -> Call:
        """The call of the first iteration."""
        return self.calls[0]

    @property
    def is_read(self) -> bool:
        """True where the caller's reader is called and no kernel."""
        return self.call.op == READER.op


def parameters_bytes(steps: Sequence[PlannedStep]) -> int:
    """Return the bytes of all parameter structs; parts of a layer share them, a reader has none."""
    return sum(params_bytes(s) for s in steps if s.shares is None and not s.is_read)


def planned_steps(
    graph: Graph, board: Board, schedule: Schedule, kernels: Sequence[Kernel]
) -> tuple[PlannedStep, ...]:
    """Return the steps of a schedule with the kernel of each."""
    pairs = zip(schedule.steps, kernels, strict=True)
    steps = [
        _planned(graph, board, schedule, index, step, kernel)
        for index, (step, kernel) in enumerate(pairs)
    ]
    return tuple(_sharing(steps)) if schedule.parts else tuple(steps)


def _sharing(steps: Sequence[PlannedStep]) -> Iterator[PlannedStep]:
    """Yield steps, those of a block with equal parameters sharing the first one's."""
    owners: dict[Hashable, int] = {}
    for index, step in enumerate(steps):
        key = (step.block, step.call.op, tuple(content(call.params) for call in step.calls))
        owner = owners.setdefault(key, index)
        yield step if owner == index else replace(step, shares=owner)


def _planned(
    graph: Graph, board: Board, schedule: Schedule, index: int, step: Step, kernel: Kernel
) -> PlannedStep:
    calls = tuple(packed(call, kernel.pack) for call in bind(graph, step))
    compute = isinstance(step, Compute)
    return PlannedStep(
        name=step.name,
        op=step.node.op if isinstance(step, Compute) else type(step).__name__.lower(),
        calls=calls,
        kernel=kernel,
        scratch=numbered("scratch", index) if kernel.scratch_bytes(calls[0], board.cores) else None,
        macs=schedule.executions(step) * calls[0].macs if compute else 0,
        loops=step.loops,
        varies=step.varies if isinstance(step, Compute) else None,
        serial=board.is_serial(kernel.isa),
        part=schedule.parts[index] if schedule.parts else None,
        block=schedule.blocks[index] if schedule.blocks else None,
    )
