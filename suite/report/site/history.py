"""The history of every figure, from the folder asv keeps its results in.

asv writes `<results>/<machine>/<commit>-<environment>.json`, one file a commit, and
`<results>/benchmarks.json`, which says what each benchmark is (its JSON of version 2).
"""

from __future__ import annotations

import ast
import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_VERSION = 2
_BENCHMARKS, _MACHINE = "benchmarks.json", "machine.json"
_HASH = re.compile(r"[0-9a-f]{8,64}")
_KINDS = ("track_", "time_", "timeraw_", "mem_", "peakmem_")
_WORDS = {"ram": "RAM"}
_SUBJECTS = ("model", "kernel")


@dataclass(frozen=True)
class Commit:
    """A commit: its hash, its date in seconds, and its first line where it is known."""

    sha: str
    date: float
    subject: str = ""

    @property
    def short(self) -> str:
        """The first eight digits, as asv names it."""
        return self.sha[:8]


@dataclass(frozen=True)
class Series:
    """One figure over commits: `values` are by commit hash; `unit` may be empty.

    `subject` is the model or kernel, empty for a benchmark of the rig itself; `labels` are the
    other parameters, machine and environment included. `exact` is False for what asv timed: its
    noise makes no steps.
    """

    benchmark: str
    unit: str
    exact: bool
    subject: str
    labels: Mapping[str, str]
    values: Mapping[str, float]

    @property
    def title(self) -> str:
        """What is counted, without the words that make a function a benchmark of asv."""
        name = self.benchmark.rpartition(".")[2]
        for kind in _KINDS:
            name = name.removeprefix(kind)
        return " ".join(_WORDS.get(word, word) for word in name.split("_"))


@dataclass(frozen=True)
class Step:
    """A figure that changed with a commit."""

    series: Series
    commit: Commit
    before: float
    after: float

    @property
    def change(self) -> float | None:
        """Share of the value before; None when that was 0."""
        return self.after / self.before - 1 if self.before else None


@dataclass(frozen=True)
class History:
    """Commits, oldest first, their figures, and a sentence for each file that is unreadable."""

    commits: tuple[Commit, ...] = ()
    series: tuple[Series, ...] = ()
    problems: tuple[str, ...] = ()

    def steps(self, series: Series) -> Iterator[Step]:
        """Yield where an exact figure changed, oldest first."""
        before: float | None = None
        for commit in self.commits if series.exact else ():
            value = series.values.get(commit.sha)
            if value is None:
                continue
            if before is not None and value != before:
                yield Step(series, commit, before, value)
            before = value


def read_history(folder: Path) -> History:
    """Read all results below a folder; an empty history when there is none."""
    known, problems = _load(folder / _BENCHMARKS)
    values: dict[tuple[str, str, tuple[tuple[str, str], ...]], dict[str, float]] = {}
    dates: dict[str, float] = {}
    for path in sorted(folder.glob("*/*.json")):
        if path.name == _MACHINE:
            continue
        raw, wrong = _load(path)
        problems += wrong
        sha = str(raw.get("commit_hash"))
        if not _HASH.fullmatch(sha):
            problems += [] if wrong else [f"{path} names no commit."]
            continue
        dates[sha] = float(raw.get("date") or 0) / 1000
        where = {"machine": path.parent.name, "environment": str(raw.get("env_name") or "")}
        for name, point in _points(raw, known):
            key = (name, point.subject, tuple(sorted((where | dict(point.labels)).items())))
            values.setdefault(key, {})[sha] = point.value
    series = tuple(
        Series(name, _unit(known[name]), _exact(known[name]), subject, dict(labels), found)
        for (name, subject, labels), found in sorted(values.items())
    )
    commits = sorted((Commit(sha, date) for sha, date in dates.items()), key=_age)
    return History(tuple(commits), series, tuple(problems))


@dataclass(frozen=True)
class _Point:
    subject: str
    labels: Mapping[str, str]
    value: float


def _points(raw: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[tuple[str, _Point]]:
    """Yield the numbers of one file; results of an older version of a benchmark are passed over."""
    columns = raw.get("result_columns")
    entries = raw.get("results")
    if not isinstance(columns, list) or not isinstance(entries, dict):
        return
    for name, entry in entries.items():
        about = known.get(name)
        if not isinstance(entry, list) or not isinstance(about, dict):
            continue
        row = dict(zip(columns, entry, strict=False))
        if row.get("version") != about.get("version") or not isinstance(row.get("result"), list):
            continue
        axes = row.get("params") or []
        names = [str(one) for one in about.get("param_names") or []]
        for chosen, value in zip(itertools.product(*axes), row["result"], strict=False):
            if isinstance(value, int | float) and math.isfinite(value):
                yield name, _point(names, [_word(one) for one in chosen], float(value))


def _point(names: Sequence[str], words: Sequence[str], value: float) -> _Point:
    labels = dict(zip(names, words, strict=False))
    subject = next((labels.pop(name) for name in _SUBJECTS if name in labels), "")
    return _Point(subject, labels, value)


def _word(text: object) -> str:
    """Return a parameter without the quotes of its repr, which is how asv writes it."""
    try:
        value = ast.literal_eval(str(text))
    except (ValueError, SyntaxError):
        return str(text)
    return value if isinstance(value, str) else str(text)


def _unit(about: Mapping[str, Any]) -> str:
    unit = about.get("unit")
    return "" if unit is None or unit == "unit" else str(unit)


def _exact(about: Mapping[str, Any]) -> bool:
    return about.get("type") == "track"


def _age(commit: Commit) -> tuple[float, str]:
    return commit.date, commit.sha


def _load(path: Path) -> tuple[dict[str, Any], list[str]]:
    """Return a JSON object, empty with a sentence when there is none; a missing file is empty."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"{path} cannot be read: {error}."]
    if not isinstance(raw, dict) or raw.get("version") != _VERSION:
        return {}, [f"{path} is not of asv's results version {_VERSION}."]
    return raw, []
