"""How the jobs of one whole bench ended: `bench.json` in its results folder.

It is written last, so a folder that holds it is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.outcome import Ended
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.records.document import Value, load_document

SCHEMA = 1
_NAME = "bench.json"
COMPLETE = (0, 1)
"""How a job ends that gave results, wrong ones among them."""


class JobEnd(Value):
    """How one job ended; fields as in `tinyrig.suite.bench.outcome.Ended`."""

    name: str
    code: int
    message: str
    booted: bool
    seconds: float


class BenchLog(Value):
    """The jobs of a bench by name."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    jobs: tuple[JobEnd, ...]

    @property
    def booted(self) -> int:
        """How many jobs booted their firmware."""
        return sum(job.booted for job in self.jobs)


def start_log(folder: Path) -> None:
    """Mark a results folder as not complete; InputError when it cannot be written."""
    try:
        (folder / _NAME).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"Cannot write {folder}: {error.strerror}.") from error


def save_log(folder: Path, ended: Sequence[Ended]) -> None:
    """Write how every job ended; InputError when the folder cannot be written."""
    log = BenchLog(
        jobs=tuple(
            JobEnd(
                name=end.job.name,
                code=end.code,
                message=end.message,
                booted=end.booted,
                seconds=end.seconds,
            )
            for end in sorted(ended, key=lambda end: end.job.name)
        )
    )
    write_atomic(folder / _NAME, (log.model_dump_json(by_alias=True) + "\n").encode())


def load_log(folder: Path) -> BenchLog | None:
    """Return a folder's log; None when its bench never came to an end."""
    path = folder / _NAME
    if not path.exists():
        return None
    return load_document(path, "bench log", SCHEMA, BenchLog)
