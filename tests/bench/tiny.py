"""A small job and what it gives, measured once."""

from __future__ import annotations

from functools import cache

from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import Measured, measure_job

DIMS = {"S": 5, "E": 8, "P": 4, "H": 2}
TINY = Job(model="mhsa", board="stm32f427", dims=DIMS)


@cache
def measured(board: str = TINY.board) -> Measured:
    """Return what the small job, or its like on another board, gives."""
    return measure_job(TINY.model_copy(update={"board": board}))
