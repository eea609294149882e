"""How a job ended, and what that means for the whole matrix."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tinyrig.generator.errors import (
    BrokenRunError,
    FitError,
    InputError,
    InternalError,
    MissingToolError,
    WrongOutputError,
)
from tinyrig.suite.bench.folder import drop_result
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import Measured, measure_job
from tinyrig.suite.process.failures import doing, failure

_WORST_FIRST = tuple(
    kind.exit_code
    for kind in (WrongOutputError, InternalError, BrokenRunError, FitError, InputError)
)


@dataclass(frozen=True)
class Ended:
    """How one job ended. `code` is the exit code it alone would give.

    `message` is empty for a job that went well; `booted` tells whether its figures were measured
    now, and not known from an identical firmware. `traceback` is of an internal error.
    """

    job: Job
    code: int
    message: str
    booted: bool
    seconds: float
    traceback: str = ""

    @property
    def skipped(self) -> bool:
        """Whether a tool the job needs is not installed."""
        return self.code == MissingToolError.exit_code


def attempt(job: Job) -> Measured | Ended:
    """Measure a job; no error leaves this function but an interrupt."""
    told = ["starting"]
    try:
        with doing(lambda: f"while {told[-1]}"):
            return measure_job(job, told.append)
    except Exception as error:  # noqa: BLE001 - one job's defect must not lose the others
        return _broken(job, error)


def failed(job: Job, message: str, code: int = BrokenRunError.exit_code) -> Ended:
    """Return the end of a job that gave no results."""
    return Ended(job, code, message, booted=False, seconds=0.0)


def _broken(job: Job, error: Exception) -> Ended:
    found = failure(error, f"bench {job.name}")
    trace = "".join(traceback.format_exception(error)) if found is not error else ""
    return replace(failed(job, str(found), found.exit_code), traceback=trace)


def keep(found: Measured | Ended, folder: Path) -> Ended:
    """Write what a job gave; of a job that failed, an older result is removed, not skipped ones."""
    try:
        if isinstance(found, Measured):
            found.save(folder)
        elif not found.skipped:
            drop_result(folder, found.job)
    except Exception as error:  # noqa: BLE001 - nor must its results
        return _broken(found.evidence.job if isinstance(found, Measured) else found.job, error)
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
