"""The history as its page shows it: what moved, a chart for what did, a line for what did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tinyrig.suite.report.site.history import Commit, History, Series, Step

RIG = "the rig"
"""What the benchmarks of the rig's own speed are called together."""

_TOGETHER = {"kernel": "kernels", "row": "kernel shapes", "": RIG}
_PLACES = ("machine", "environment")
_COMMITS_SHOWN, _STEPS_SHOWN = 10, 5


@dataclass(frozen=True)
class Line:
    """A series in a chart, with the parameters that tell it from the others, and its last value."""

    name: str
    series: Series
    last: float

    @property
    def least(self) -> float:
        """The lowest it ever was."""
        return min(self.series.values.values())

    @property
    def most(self) -> float:
        """The highest it ever was."""
        return max(self.series.values.values())


@dataclass(frozen=True)
class Chart:
    """One figure. `moved` tells whether a line has a step.

    `rows` are the commits its table shows, latest first: both ends and every step of what is
    exact, every commit of what is not.
    """

    title: str
    unit: str
    exact: bool
    lines: tuple[Line, ...]
    rows: tuple[Commit, ...]
    moved: bool

    @property
    def series(self) -> tuple[Series, ...]:
        """The series of the lines."""
        return tuple(line.series for line in self.lines)


@dataclass(frozen=True)
class Section:
    """The figures of a model, or of all kernels, all rows, the rig; `model` is empty for these."""

    title: str
    model: str
    charts: tuple[Chart, ...]

    @property
    def drawn(self) -> tuple[Chart, ...]:
        """What moved, and what is timed."""
        return tuple(chart for chart in self.charts if chart.moved or not chart.exact)

    @property
    def still(self) -> tuple[Chart, ...]:
        """What is exact and never moved."""
        return tuple(chart for chart in self.charts if chart.exact and not chart.moved)


@dataclass(frozen=True)
class Move:
    """What moved with a commit: its largest steps, and how many there were."""

    commit: Commit
    steps: tuple[Step, ...]
    count: int


def sections(history: History) -> tuple[Section, ...]:
    """Return the models by name, then the kernels, their shapes and the rig."""
    groups: dict[tuple[bool, str], list[Series]] = {}
    for one in history.series:
        model = one.kind == "model"
        title = one.subject if model else _TOGETHER[one.kind]
        groups.setdefault((not model, title), []).append(one)
    return tuple(
        Section(title, "" if other else title, tuple(_charts(history, series)))
        for (other, title), series in sorted(groups.items(), key=lambda item: item[0])
    )


def moves(history: History) -> tuple[Move, ...]:
    """Return the latest commits that moved something, the latest first."""
    found: dict[str, list[Step]] = {}
    for one in history.series:
        for step in history.steps(one):
            found.setdefault(step.commit.sha, []).append(step)
    moved = [commit for commit in reversed(history.commits) if commit.sha in found]
    return tuple(_move(commit, found[commit.sha]) for commit in moved[:_COMMITS_SHOWN])


def place(series: Series) -> str:
    """Return the parameters that tell a reader where a figure was taken."""
    return " ".join(value for key, value in series.labels.items() if key not in _PLACES)


def day(commit: Commit) -> str:
    """Return the day a commit was made on, in UTC; empty where asv kept none."""
    return datetime.fromtimestamp(commit.date, UTC).date().isoformat() if commit.date else ""


def _move(commit: Commit, steps: Sequence[Step]) -> Move:
    largest = sorted(steps, key=lambda step: -abs(1.0 if step.change is None else step.change))
    return Move(commit, tuple(largest[:_STEPS_SHOWN]), len(steps))


def _charts(history: History, series: Sequence[Series]) -> Iterator[Chart]:
    groups: dict[tuple[str, str], list[Series]] = {}
    for one in series:
        groups.setdefault((one.benchmark, one.subject), []).append(one)
    titles = Counter(_title(own[0]) for own in groups.values())
    for own in groups.values():
        first = own[0]
        title = _title(first)
        if titles[title] > 1:
            title += f" ({first.suite})"
        steps = {step.commit.sha for one in own for step in history.steps(one)}
        seen = [one for one in history.commits if any(one.sha in each.values for each in own)]
        ends = {seen[0].sha, seen[-1].sha}
        yield Chart(
            title=title,
            unit=first.unit,
            exact=first.exact,
            lines=tuple(_lines(history, own)),
            rows=tuple(c for c in reversed(seen) if c.sha in steps | ends or not first.exact),
            moved=bool(steps),
        )


def _title(series: Series) -> str:
    """Return what a chart is called in its section: a kernel's name, or what is counted."""
    return series.subject if series.kind in ("kernel", "row") else series.title


def _lines(history: History, series: Sequence[Series]) -> Iterator[Line]:
    keys = dict.fromkeys(key for one in series for key in one.labels)
    differing = [
        key for key in keys if key == "board" or len({one.labels.get(key) for one in series}) > 1
    ]
    for one in series:
        name = " ".join(one.labels[key] for key in differing if key in one.labels)
        values = [one.values[c.sha] for c in history.commits if c.sha in one.values]
        yield Line(name or "value", one, values[-1])
