"""A network run with its zeros left out of flash, and run dense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.models.case import Case
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.record import Column, Record
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.toolchain.toolchain import Toolchain


@dataclass(frozen=True, eq=False)
class Both:
    """The two runs of a network, whether they answer alike, and what the sparse one's flash holds.

    `streams` are the bytes of its sparse weights, `others` those of its dense ones and of all that
    sums begin with; together they are the weights' bytes in flash.
    """

    sparse: Record
    dense: Record
    same: bool
    streams: int
    others: int

    @property
    def proven(self) -> bool:
        """Whether both answer as the reference does, and flash is just what is listed."""
        verdicts = {record.check.verdict for record in (self.sparse, self.dense)}
        memory = self.sparse.memory
        stored = memory.flash_weights + memory.external_flash
        return self.same and verdicts == {"match"} and self.streams + self.others == stored

    def faster(self, sparse: Column, dense: Column) -> float | None:
        """How many times the dense run's cycles of a kind are the sparse one's of another."""
        mine, its = cycles_of(self.sparse, sparse), cycles_of(self.dense, dense)
        return None if mine is None or its is None else its / mine


def cycles_of(record: Record, column: Column) -> int | None:
    """Return a record's cycles of a kind, None where it has none."""
    return next((found.value for found in record.cycles if found.column == column), None)


def run_both(
    case: Case,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    samples: Sequence[Sample],
    options: RunOptions,
    progress: Progress,
) -> Both:
    """Run a case as `options` say, and again without sparse weights."""
    never = replace(options, optimisations=replace(options.optimisations, sparse="never"))
    sparse, dense = (
        run_case(case, board, backend, toolchain, samples, chosen, progress)
        for chosen in (options, never)
    )
    same = all(
        np.array_equal(one[name], other[name])
        for one, other in zip(sparse.outputs, dense.outputs, strict=True)
        for name in one
    )
    streams, others = listed(sparse.plan)
    return Both(sparse.record, dense.record, same, streams, others)


def listed(plan: Plan) -> tuple[int, int]:
    """Return the bytes of a plan's sparse streams and of its other weights, each table once."""
    tables = [table for _, table in plan.tables.values() if table.kind == "weights"]
    streams = {
        found.key()
        for step in plan.steps
        if step.kernel.pack in SPARSE_FORMATS
        for call in step.calls
        if isinstance(found := call.params.get("weight"), Table)
    }
    sparse = sum(table.values.nbytes for table in tables if table.key() in streams)
    return sparse, sum(table.values.nbytes for table in tables) - sparse
