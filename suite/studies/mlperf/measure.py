"""Our figures of MLPerf Tiny's networks on a board, each proven byte by byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.generator.planning.board import Board
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.records.record import Column, Cycles, Record
from tinyrig.suite.studies.mlperf.published import Published, published


@dataclass(frozen=True)
class Row:
    """A network on a board, and what others measured of it on that chip or one like it.

    `unwaited` is of the plan that no wait for flash is weighed in, whose cycles at zero wait states
    are the ones to hold against others; None where it is the same.
    """

    network: str
    board: Board
    record: Record
    published: tuple[Published, ...]
    unwaited: Record | None = None

    def cycles(self, column: Column) -> Cycles | None:
        """Return our cycles of a column; None where the board has none."""
        record = self.record if column != "modelled" else self.unwaited or self.record
        return next((found for found in record.cycles if found.column == column), None)


def measure(board: Board, networks: Sequence[str], toolchain: str) -> Iterator[Row]:
    """Yield a row a network; what an identical ELF answered before is not booted again.

    On a board that waits for its flash, each column's cycles are of the plan made for it.
    """
    for network in networks:
        job = Job(model=network, board=board.full_name, toolchain=toolchain)
        plain = job.model_copy(update={"options": ("cycles=0ws",)})
        beside = tuple(
            figure
            for figure in published()
            if (figure.network, figure.beside) == (network, board.full_name)
        )
        record = measure_job(job).record
        unwaited = measure_job(plain).record if board.operating_point is not None else None
        yield Row(network, board, record, beside, unwaited)
