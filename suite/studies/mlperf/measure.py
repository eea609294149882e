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
    """A network on a board, and what others measured of it on that chip or one like it."""

    network: str
    board: Board
    record: Record
    published: tuple[Published, ...]

    def cycles(self, column: Column) -> Cycles | None:
        """Return our cycles of a column; None where the board has none."""
        return next((found for found in self.record.cycles if found.column == column), None)


def measure(board: Board, networks: Sequence[str], toolchain: str) -> Iterator[Row]:
    """Yield a row a network; what an identical ELF answered before is not booted again."""
    for network in networks:
        job = Job(model=network, board=board.full_name, toolchain=toolchain)
        beside = tuple(
            figure
            for figure in published()
            if (figure.network, figure.beside) == (network, board.full_name)
        )
        yield Row(network, board, measure_job(job).record, beside)
