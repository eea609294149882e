"""The search for the commit that made a figure worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tinyrig.generator.errors import BrokenRunError, InputError, TinyrigError
from tinyrig.suite.bench.folder import Result, results
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.log import load_log
from tinyrig.suite.bench.matrix import matrix_of
from tinyrig.suite.gate.git import Commit, Repository
from tinyrig.suite.gate.metrics import WORDS, Metric, metrics_of, number
from tinyrig.suite.gate.revision import Wanted, measure_commit
from tinyrig.suite.rig.measuring import Progress

_MATRIX = "bisected"


@dataclass(frozen=True)
class Probe:
    """A commit that was measured: its results of the job, the figure, and if it was booted."""

    commit: Commit
    result: Result
    value: float
    booted: bool


@dataclass(frozen=True)
class Skipped:
    """A commit that could not be measured, and why."""

    commit: Commit
    reason: str


@dataclass(frozen=True)
class Bisection:
    """The two commits a figure got worse between, next to each other but for skipped ones.

    `good` and `bad` are the ends of the search, `probes` all that was measured in order of the
    search, `skipped` what lies between `before` and `after`.
    """

    metric: Metric
    good: Probe
    bad: Probe
    before: Probe
    after: Probe
    skipped: tuple[Skipped, ...]
    probes: tuple[Probe, ...]

    @property
    def same_firmware(self) -> int:
        """How many probes had the firmware of an earlier one and were not booted."""
        return sum(not probe.booted for probe in self.probes)


Measure = Callable[[Commit], Probe]


def bisect(
    clone: Repository, metric: Metric, job: Job, good: Commit, bad: Commit, progress: Progress
) -> Bisection:
    """Find where a figure of a job crossed half of the way from good to bad.

    Only commits along first parents are measured, each from a temporary copy. A commit that
    cannot be built or measured is passed by. InputError when the bad commit is not worse, or
    when an end of the search cannot be measured.
    """

    def measure(commit: Commit) -> Probe:
        return _measure(clone, commit, metric, job, progress)

    line = (good, *clone.first_parents(good, bad))
    first, last = _end(measure, good), _end(measure, bad)
    if last.value <= first.value:
        raise InputError(
            f"{WORDS[metric]} of {job.name} are {number(metric, first.value)} in the good commit "
            f"and {number(metric, last.value)} in the bad one: nothing got worse."
        )
    return _search(line, metric, first, last, measure)


def _search(
    line: Sequence[Commit], metric: Metric, good: Probe, bad: Probe, measure: Measure
) -> Bisection:
    middle = (good.value + bad.value) / 2
    before, after = good, bad
    low, high = 0, len(line) - 1
    probes: list[Probe] = [good, bad]
    skipped: dict[int, Skipped] = {}
    while untried := [at for at in range(low + 1, high) if at not in skipped]:
        at = min(untried, key=lambda at: abs(2 * at - low - high))
        try:
            probe = measure(line[at])
        except TinyrigError as error:
            skipped[at] = Skipped(line[at], str(error).splitlines()[0])
            continue
        probes.append(probe)
        if probe.value > middle:
            high, after = at, probe
        else:
            low, before = at, probe
    between = tuple(skipped[at] for at in range(low + 1, high))
    return Bisection(metric, good, bad, before, after, between, tuple(probes))


def _end(measure: Measure, commit: Commit) -> Probe:
    try:
        return measure(commit)
    except TinyrigError as error:
        raise InputError(f"{commit.label} cannot be measured: {error}") from error


def _measure(
    clone: Repository, commit: Commit, metric: Metric, job: Job, progress: Progress
) -> Probe:
    wanted = Wanted(_MATRIX, file=matrix_of(job, _MATRIX))
    folder, _ = measure_commit(clone, commit, wanted, progress)
    log = load_log(folder)
    ends = {end.name: end for end in log.jobs} if log is not None else {}
    result = next((result for result in results(folder) if result.name == job.name), None)
    if result is None:
        told = ends[job.name].message if job.name in ends else "Its bench does not know the job."
        raise BrokenRunError(told)
    value = metrics_of(result.record).get(metric)
    if value is None:
        raise BrokenRunError(f"Its results of {job.name} have no {WORDS[metric]}.")
    return Probe(commit, result, value, ends[job.name].booted if job.name in ends else True)
