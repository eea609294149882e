"""Cycles of networks with a board's memory over those at zero wait states, of one plan each."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.generator.planning.board import Board
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.files.csv_rows import csv_rows
from tinyrig.suite.records.record import Column, Record

BOARDS = (
    "stm32f427",
    "stm32l4r5:single-bank",
    "stm32l4r5:dual-bank",
    "stm32f746",
    "stm32h743",
)
WORDS = ("optimize=cycles",)


@dataclass(frozen=True)
class Limit:
    """How many times its cycles at zero wait states a network may take with a board's memory."""

    network: str
    cortex_m4: float
    cortex_m7: float

    def of(self, core: str) -> float:
        """Return the limit on a core."""
        return self.cortex_m7 if core == "cortex-m7" else self.cortex_m4


@functools.cache
def limits() -> dict[str, Limit]:
    """Return the limit of every network that has one, by its name."""
    rows = csv_rows(Limit, "tinyrig.suite.studies.waits", "limits.csv")
    return {one.network: one for one in rows}


@dataclass(frozen=True)
class Row:
    """A network on a board; `most` is None where nothing is asked of it."""

    network: str
    board: Board
    record: Record
    most: float | None

    def cycles(self, column: Column) -> int:
        """Return the modelled cycles of a column."""
        return next(found.value for found in self.record.cycles if found.column == column)

    @property
    def ratio(self) -> float:
        """Cycles with the board's memory over those at zero wait states."""
        return self.cycles("modelled, board") / self.cycles("modelled")

    @property
    def met(self) -> bool:
        """True where the limit is kept, or there is none."""
        return self.most is None or self.ratio <= self.most

    @property
    def proven(self) -> bool:
        """True where every output byte is the reference's."""
        return self.record.check.verdict == "match"


def measure(
    board: Board, networks: Sequence[str], words: Sequence[str], toolchain: str
) -> Iterator[Row]:
    """Yield a row a network; what an identical ELF answered before is not booted again."""
    for network in networks:
        job = Job(model=network, board=board.full_name, toolchain=toolchain, options=tuple(words))
        limit = limits().get(network)
        most = None if limit is None else limit.of(board.core)
        yield Row(network, board, measure_job(job).record, most)
