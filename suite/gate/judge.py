"""The verdict on every figure of every job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tinyrig.generator.errors import FitError, InputError
from tinyrig.suite.bench.folder import Result, results
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.log import COMPLETE, load_log
from tinyrig.suite.gate.metrics import METRICS, Metric, metrics_of
from tinyrig.suite.gate.policy import Policy
from tinyrig.suite.gate.ranks import chance_of_worse, least_samples
from tinyrig.suite.records.record import Column

Verdict = Literal[
    "equal",
    "better",
    "tolerated",
    "accepted",
    "undecided",
    "not compared",
    "new",
    "worse",
    "lost",
    "over budget",
    "wrong",
]
FAILING: frozenset[Verdict] = frozenset(("worse", "lost", "over budget", "wrong"))
_MODELS: Mapping[Metric, Column] = {"cycles": "modelled", "cycles_simulated": "simulated"}
"""Figures that are of a model, or of a version of a simulator, by their column."""


@dataclass(frozen=True)
class Change:
    """One figure of one job, before and after, and what the gate says of it and why."""

    job: Job
    metric: Metric
    base: float | None
    head: float | None
    verdict: Verdict
    note: str = ""

    @property
    def fails(self) -> bool:
        """Whether the gate fails for it."""
        return self.verdict in FAILING

    @property
    def ratio(self) -> float:
        """The change relative to the base; 0 when it cannot be told."""
        if self.base is None or self.head is None:
            return 0.0
        if self.base == 0:
            return float("inf") if self.head > 0 else 0.0
        return self.head / self.base - 1


@dataclass(frozen=True)
class Judged:
    """Every figure of two folders of results, jobs by name.

    `pairs` are the jobs both have, `broken` those that the head alone has and that gave nothing.
    """

    pairs: Mapping[str, tuple[Result, Result]]
    changes: tuple[Change, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]
    broken: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing got worse, no job got lost, and every new one has results."""
        lacking = self.missing or self.broken
        return not lacking and not any(change.fails for change in self.changes)


def judge(base: Path, head: Path, policy: Policy) -> Judged:
    """Compare two folders of results; InputError when one of them cannot be used."""
    before, after = ({result.name: result for result in results(side)} for side in (base, head))
    found = judge_results(before, after, policy)
    # Of a base without results nobody knows what it had.
    known = before.keys() | _failed(base)
    return replace(found, broken=tuple(sorted(_failed(head) - known)) if before else ())


def _failed(folder: Path) -> set[str]:
    """Return the names of the jobs of a bench that broke; being too large for a board is none."""
    log = load_log(folder)
    ends = log.jobs if log is not None else ()
    return {end.name for end in ends if end.code not in (*COMPLETE, FitError.exit_code)}


def judge_results(
    before: Mapping[str, Result], after: Mapping[str, Result], policy: Policy
) -> Judged:
    """Compare two sets of results by the names of their jobs."""
    pairs = {name: (before[name], after[name]) for name in before if name in after}
    changes: list[Change] = []
    for one, other in pairs.values():
        changes += _changes(one, other, policy)
    for name, result in after.items():
        if name not in before:
            changes += _first_figures(result, policy)
    return Judged(
        pairs=pairs,
        changes=tuple(changes),
        missing=tuple(name for name in before if name not in after),
        new=tuple(name for name in after if name not in before),
    )


def _changes(base: Result, head: Result, policy: Policy) -> Iterator[Change]:
    job = head.evidence.job
    if base.evidence.job.name != job.name:
        raise InputError(
            f"{base.path} and {head.path} are of different jobs, {base.evidence.job.name} and "
            f"{job.name}: one was renamed."
        )
    old, new = metrics_of(base.record), metrics_of(head.record)
    for metric in METRICS:
        before, after = old.get(metric), new.get(metric)
        if after is None:
            if before is not None:
                yield Change(job, metric, before, None, "lost", "the head does not tell it")
            continue
        if (hard := _hard(job, metric, after, policy)) is not None:
            yield Change(job, metric, before, after, *hard)
        elif before is None:
            yield Change(job, metric, None, after, "new")
        elif metric == "cycles_measured":
            yield _measured(base, head, before, after, policy)
        elif (column := _MODELS.get(metric)) and (models := _other_model(base, head, column)):
            yield Change(job, metric, before, after, "not compared", models)
        else:
            yield Change(job, metric, before, after, *_soft(job, metric, before, after, policy))


def _first_figures(head: Result, policy: Policy) -> Iterator[Change]:
    job = head.evidence.job
    for metric, value in metrics_of(head.record).items():
        hard = _hard(job, metric, value, policy)
        yield Change(job, metric, None, value, *(hard or ("new", "")))


def _hard(job: Job, metric: Metric, value: float, policy: Policy) -> tuple[Verdict, str] | None:
    """Return what fails whatever the base was: a wrong output, more than the budget."""
    if metric == "mismatches" and value > 0:
        return "wrong", "the output differs from the reference"
    ceiling = policy.ceiling(job, metric)
    if ceiling is not None and value > ceiling:
        return "over budget", f"the budget is {ceiling:,}"
    return None


def _soft(
    job: Job, metric: Metric, base: float, head: float, policy: Policy
) -> tuple[Verdict, str]:
    if head <= base:
        return ("equal" if head == base else "better"), ""
    percent = policy.tolerance(job, metric)
    if head <= base * (1 + percent / 100):
        return "tolerated", f"within {percent:g} %"
    if (reason := policy.reason(job, metric, head)) is not None:
        return "accepted", reason
    return "worse", ""


def _measured(base: Result, head: Result, before: float, after: float, policy: Policy) -> Change:
    """Judge cycles that differ from one run to the next by ranking repeated runs."""
    job, rate = head.evidence.job, policy.false_alarms
    samples = base.evidence.measured, head.evidence.measured
    least = least_samples(rate)
    verdict: Verdict = "equal"
    note = ""
    if min(map(len, samples)) < least:
        verdict = "undecided"
        note = f"{len(samples[0])} and {len(samples[1])} measurements, {least} each are needed"
    elif (chance := chance_of_worse(*samples)) <= rate:
        verdict, note = "worse", f"chance {chance:.2g}, rank test at {rate:g}"
        if (reason := policy.reason(job, "cycles_measured", after)) is not None:
            verdict, note = "accepted", reason
    elif chance_of_worse(samples[1], samples[0]) <= rate:
        verdict = "better"
    return Change(job, "cycles_measured", before, after, verdict, note)


def _other_model(base: Result, head: Result, column: Column) -> str:
    """Return both cycle models when they differ: their cycles are no longer the same thing."""
    names = [
        next((c.model for c in result.record.cycles if c.column == column), "")
        for result in (base, head)
    ]
    return "" if names[0] == names[1] else f"{names[0]} and {names[1]} are different cycle models"
