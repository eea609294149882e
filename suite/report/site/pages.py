"""The site's files: pages from templates that escape every name, and their assets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from suite.ablation.published import Beside
from suite.report.site.charts import commit_axis, history_strip
from suite.report.site.history import Commit, History, Series, Step
from suite.report.site.naming import page_names
from suite.report.site.panels import Panel, layer_cycles, make_panel
from suite.report.site.papers import CyclesBeside
from suite.report.site.runs import SOURCES, Run, Runs

ASSETS = ("style.css", "theme.js", "tabs.js", "icon.svg")
RIG = "the rig"
"""What the history calls a benchmark that is of no model."""

_COMMITS_SHOWN, _STEPS_SHOWN = 10, 5
_NONE = "\N{EN DASH}"


@dataclass(frozen=True)
class Surroundings:
    """Where the report was made: the commit, versions of packages by name, asv's own site."""

    commit: str
    packages: Mapping[str, str]
    asv: bool


@dataclass(frozen=True)
class Content:
    """Everything the site shows."""

    runs: Runs
    history: History
    memory: tuple[Beside, ...]
    cycles: tuple[CyclesBeside, ...]
    surroundings: Surroundings
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """One benchmark of one model or kernel: its series, and the parameters that differ."""

    benchmark: str
    series: tuple[Series, ...]
    names: Mapping[int, str]


@dataclass(frozen=True)
class Move:
    """What moved with a commit: its largest steps, and how many there were."""

    commit: Commit
    steps: tuple[Step, ...]
    count: int


def site_files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Yield the path below the site's folder and the bytes of every file."""
    environment = _environment()
    models = content.runs.models
    names = page_names((*models, *(one.subject or RIG for one in content.history.series)))
    common: dict[str, Any] = {
        "content": content,
        "names": names,
        "models": models,
        "sources": SOURCES,
    }
    pages: dict[str, tuple[str, dict[str, Any]]] = {
        "index.html": ("index.html", {"current": "overview"}),
        "history.html": ("history.html", {"current": "history", **_history(content.history)}),
        "papers.html": ("papers.html", {"current": "papers"}),
        "environment.html": ("environment.html", {"current": "environment"}),
    }
    titles = list(models)
    for index, model in enumerate(titles):
        own = {
            "current": "model",
            "model": model,
            "panels": _panels(models[model]),
            "before": titles[index - 1] if index else None,
            "after": titles[index + 1] if index + 1 < len(titles) else None,
        }
        pages[f"models/{names[model]}.html"] = ("model.html", own)
    for path, (template, own) in pages.items():
        root = "../" * path.count("/")
        text = environment.get_template(template).render(**common, **own, root=root)
        yield path, text.encode("utf-8", "replace")
    folder = resources.files("suite.report.site") / "assets"
    for name in ASSETS:
        yield f"assets/{name}", (folder / name).read_bytes()


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("suite.report.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        {"number": number, "percent": percent, "signed": signed, "soft": soft, "width": width}
    )
    environment.globals.update(
        {
            "layer_cycles": layer_cycles,
            "history_strip": history_strip,
            "commit_axis": commit_axis,
        }
    )
    return environment


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separators, a dash for none."""
    if value is None:
        return _NONE
    if value != int(value) and not digits:
        return f"{value:,.4g}"
    return f"{value:,.{digits}f}"


def percent(share: float | None) -> str:
    """Return a share in percent with one decimal, a dash for none."""
    return _NONE if share is None else f"{100 * share:,.1f} %"


def signed(share: float | None) -> str:
    """Return a change in percent with its sign, one digit that counts at least; a dash for none."""
    if share is None:
        return _NONE
    change = 100 * share
    return f"{change:+,.2f} %" if abs(change) >= 0.01 else f"{change:+.1g} %"


def soft(name: str) -> Markup:
    """Return a name that a line may break after its dots and underscores."""
    return Markup(re.sub(r"([._]+)", r"\1<wbr>", escape(name)))


def width(share: float) -> str:
    """Return the width of a bar in percent, at most the whole."""
    return f"{100 * min(max(share, 0.0), 1.0):.2f}"


def _panels(runs: Sequence[Run]) -> tuple[Panel, ...]:
    labels = [run.label for run in runs]
    keys = [run.label if labels.count(run.label) == 1 else run.evidence.job.name for run in runs]
    anchors = page_names(keys)
    return tuple(make_panel(run, anchors[key]) for run, key in zip(runs, keys, strict=True))


def _history(history: History) -> dict[str, Any]:
    groups: dict[str, dict[str, list[Series]]] = {}
    for one in history.series:
        groups.setdefault(one.subject or RIG, {}).setdefault(one.benchmark, []).append(one)
    charts = {
        subject: tuple(_chart(name, series) for name, series in benchmarks.items())
        for subject, benchmarks in groups.items()
    }
    return {
        "charts": charts,
        "moves": tuple(_moves(history))[:_COMMITS_SHOWN],
        "rig": RIG,
        "rows": _rows(history),
        "step_name": _step_name,
    }


def _moves(history: History) -> Iterator[Move]:
    """Yield the commits that moved something, the latest first."""
    found: dict[str, list[Step]] = {}
    for one in history.series:
        for step in history.steps(one):
            found.setdefault(step.commit.sha, []).append(step)
    for commit in reversed(history.commits):
        if commit.sha in found:
            steps = sorted(found[commit.sha], key=lambda step: -abs(step.change or 1.0))
            yield Move(commit, tuple(steps[:_STEPS_SHOWN]), len(steps))


def _chart(benchmark: str, series: Sequence[Series]) -> Chart:
    differing = {
        key for one in series for key, value in one.labels.items() if _differs(series, key, value)
    }
    names = {
        index: " ".join(one.labels[key] for key in one.labels if key in differing) or "value"
        for index, one in enumerate(series)
    }
    return Chart(benchmark, tuple(series), names)


def _differs(series: Sequence[Series], key: str, value: str) -> bool:
    return key == "board" or any(other.labels.get(key) != value for other in series)


def _rows(history: History) -> Any:
    """Return a function from a chart to the commits a table of it shows: ends and steps."""

    def rows(chart: Chart) -> list[Any]:
        wanted = {step.commit.sha for one in chart.series for step in history.steps(one)}
        seen = [c for c in history.commits if any(c.sha in one.values for one in chart.series)]
        if seen:
            wanted |= {seen[0].sha, seen[-1].sha}
        return [commit for commit in reversed(seen) if commit.sha in wanted]

    return rows


def _step_name(step: Step) -> str:
    """Return the parameters of a step that tell a reader where it was."""
    labels = step.series.labels
    hidden = ("machine", "environment")
    return " ".join(value for key, value in labels.items() if key not in hidden)
