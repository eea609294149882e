"""How a job ended, and what that means for the whole matrix."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.errors import (
    BrokenRunError,
    FitError,
    InputError,
    MissingToolError,
    TinyrigError,
    WrongOutputError,
)
from suite.bench.folder import drop_result
from suite.bench.job import Job
from suite.bench.measure import Measured, measure_job

_WORST_FIRST = tuple(
    kind.exit_code for kind in (WrongOutputError, BrokenRunError, FitError, InputError)
)


@dataclass(frozen=True)
class Ended:
    """How one job ended. `code` is the exit code it alone would give.

    `message` is empty for a job that went well; `booted` tells whether its figures were measured
    now, and not known from an identical firmware.
    """

    job: Job
    code: int
    message: str
    booted: bool
    seconds: float

    @property
    def skipped(self) -> bool:
        """Whether a tool the job needs is not installed."""
        return self.code == MissingToolError.exit_code


def attempt(job: Job) -> Measured | Ended:
    """Measure a job; no error leaves this function but an interrupt."""
    try:
        return measure_job(job)
    except TinyrigError as error:
        return failed(job, str(error), error.exit_code)
    except Exception:  # noqa: BLE001 - one job's defect must not lose the others
        return failed(job, f"The job crashed:\n{traceback.format_exc()}")


def failed(job: Job, message: str, code: int = BrokenRunError.exit_code) -> Ended:
    """Return the end of a job that gave no results."""
    return Ended(job, code, message, booted=False, seconds=0.0)


def keep(found: Measured | Ended, folder: Path) -> Ended:
    """Write what a job gave; of a job that failed, an older result is removed, not skipped ones."""
    try:
        if isinstance(found, Measured):
            found.save(folder)
        elif not found.skipped:
            drop_result(folder, found.job)
    except InputError as error:
        job = found.evidence.job if isinstance(found, Measured) else found.job
        return failed(job, str(error), error.exit_code)
    if isinstance(found, Ended):
        return found
    check = found.record.check
    wrong = check.verdict != "match"
    return Ended(
        job=found.evidence.job,
        code=WrongOutputError.exit_code if wrong else 0,
        message=f"{check.mismatches} of {check.elements} output bytes are wrong." if wrong else "",
        booted=found.booted,
        seconds=found.record.seconds,
    )


def exit_code(ended: Sequence[Ended]) -> int:
    """Return the code of a whole matrix: that of its worst job, 5 when every job was skipped."""
    codes = {end.code for end in ended}
    if codes == {MissingToolError.exit_code}:
        return MissingToolError.exit_code
    return next((code for code in _WORST_FIRST if code in codes), 0)
