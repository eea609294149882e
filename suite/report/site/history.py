"""The history of every figure, from the folder asv keeps its results in.

asv writes `<results>/<machine>/<commit>-<environment>.json`, one file a commit, and
`<results>/benchmarks.json`, which says what each benchmark is (its JSON of version 2).
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import read_file
from tinyrig.suite.files.json_text import MAX_BYTES

_BENCHMARKS, _MACHINE = "benchmarks.json", "machine.json"
_KINDS = ("track_", "time_", "timeraw_", "mem_", "peakmem_")
_WORDS = {"ram": "RAM"}
_SUBJECTS = ("model", "kernel", "row")


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

    `subject` is the model, the kernel or the row of the kernel table, as `kind` says, both empty
    for a benchmark of the rig itself; `labels` are the other parameters, machine and environment
    included.
    """

    benchmark: str
    unit: str
    kind: str
    subject: str
    labels: Mapping[str, str]
    values: Mapping[str, float]

    @property
    def exact(self) -> bool:
        """Whether it counts; what is measured of the rig itself has noise, which is no step."""
        return bool(self.kind)

    @property
    def suite(self) -> str:
        """The class the benchmark belongs to, in small letters, or its file."""
        return self.benchmark.rpartition(".")[0].rpartition(".")[2].lower()

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
    """Commits, oldest first, their figures, and a sentence for each file that is unreadable.

    As read they are ordered by date, which a rebase or another clock turns around; `ordered` knows
    which came from which.
    """

    commits: tuple[Commit, ...] = ()
    series: tuple[Series, ...] = ()
    problems: tuple[str, ...] = ()

    def ordered(self, ancestry: Sequence[str]) -> History:
        """Return the history with commits in the order of `ancestry`, parents first.

        A commit that is not in it stands before the first later one that is.
        """
        known = {one.sha: one for one in self.commits}
        lineage = [known[sha] for sha in ancestry if sha in known]
        strange = [one for one in self.commits if one.sha not in set(ancestry)]
        found: list[Commit] = []
        for commit in lineage:
            while strange and _age(strange[0]) < _age(commit):
                found.append(strange.pop(0))
            found.append(commit)
        return replace(self, commits=(*found, *strange))

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
    problems: list[str] = []
    about = _load(_Benchmarks, folder / _BENCHMARKS, problems)
    known = {} if about is None else about.entries()
    values: dict[_Key, dict[str, float]] = {}
    dates: dict[str, float] = {}
    for path in sorted(folder.glob("*/*.json")):
        file = None if path.name == _MACHINE else _load(_Results, path, problems)
        if file is None:
            continue
        dates[file.commit_hash] = file.date / 1000
        where = {"machine": path.parent.name, "environment": file.env_name}
        for name, point in _points(file, known):
            labels = tuple((point.labels | where).items())
            key = (name, point.kind, point.subject, labels)
            values.setdefault(key, {})[file.commit_hash] = point.value
    series = tuple(
        Series(name, known[name].shown_unit, kind, subject, dict(labels), of)
        for (name, kind, subject, labels), of in sorted(values.items(), key=lambda item: item[0])
    )
    commits = sorted((Commit(sha, date) for sha, date in dates.items()), key=_age)
    return History(tuple(commits), series, tuple(problems))


_Key = tuple[str, str, str, tuple[tuple[str, str], ...]]
"""Benchmark, kind, subject, labels."""


class _File(BaseModel):
    """A file of asv's; what the history does not need is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal[2]


class _About(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str
    version: str
    unit: str | None = None
    param_names: tuple[str, ...] = ()

    @property
    def shown_unit(self) -> str:
        """The unit, empty where asv's is only its default."""
        return "" if self.unit in (None, "unit") else str(self.unit)


class _Benchmarks(_File):
    model_config = ConfigDict(frozen=True, extra="allow")

    def entries(self) -> dict[str, _About]:
        """Return the benchmarks by name; one that is not described as asv does is left out."""
        found = {}
        for name, raw in (self.model_extra or {}).items():
            try:
                found[name] = _About.model_validate(raw)
            except ValidationError:
                continue
        return found


class _Results(_File):
    commit_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
    date: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    env_name: str = ""
    result_columns: tuple[str, ...]
    results: dict[str, list[Any]]


class _Row(BaseModel):
    """One benchmark's entry in a file of results, by column."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    result: list[float | None]
    params: list[list[Any]] = []
    version: str


@dataclass(frozen=True)
class _Point:
    kind: str
    subject: str
    labels: dict[str, str]
    value: float


def _points(file: _Results, known: Mapping[str, _About]) -> Iterator[tuple[str, _Point]]:
    """Yield the numbers of one file; results of another version of a benchmark are passed over."""
    for name, entry in file.results.items():
        about = known.get(name)
        columns = dict(zip(file.result_columns, entry, strict=False))
        if about is None or columns.get("version") != about.version or not columns.get("result"):
            continue
        try:
            row = _Row.model_validate({key: one for key, one in columns.items() if one is not None})
        except ValidationError:
            continue
        for chosen, value in zip(itertools.product(*row.params), row.result, strict=False):
            if value is not None and math.isfinite(value):
                yield name, _point(about, [_word(one) for one in chosen], value)


def _point(about: _About, words: Sequence[str], value: float) -> _Point:
    """Return a value with its subject; what is timed is of the rig, whatever model it ran."""
    labels = dict(zip(about.param_names, words, strict=False))
    for kind in _SUBJECTS if about.type == "track" else ():
        if kind in labels:
            return _Point(kind, labels.pop(kind), labels, value)
    return _Point("", "", labels, value)


def _word(text: object) -> str:
    """Return a parameter without the quotes of its repr, which is how asv writes it."""
    try:
        value = ast.literal_eval(str(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return str(text)
    return value if isinstance(value, str) else str(text)


def _age(commit: Commit) -> tuple[float, str]:
    return commit.date, commit.sha


_Kind = TypeVar("_Kind", bound=_File)


def _load(kind: type[_Kind], path: Path, problems: list[str]) -> _Kind | None:
    """Return a file's content; None when it is missing, or cannot be used, which is told."""
    if not path.exists():
        return None
    try:
        return kind.model_validate_json(read_file(path, "file of asv's results", MAX_BYTES))
    except InputError as error:
        problems.append(str(error))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        problems.append(f"{path} is no file of asv's results: {where}: {first['msg']}.")
    return None
