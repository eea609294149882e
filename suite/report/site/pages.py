"""The site's files: pages from templates that escape every name, and their assets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from tinyrig.suite.records.cycle_split import MEANING
from tinyrig.suite.report.site.history import Commit, History
from tinyrig.suite.report.site.history_chart import commit_axis, history_strip
from tinyrig.suite.report.site.history_view import day, moves, place, sections
from tinyrig.suite.report.site.naming import page_names
from tinyrig.suite.report.site.panels import Panel, layer_cycles, make_panel
from tinyrig.suite.report.site.papers import CyclesBeside
from tinyrig.suite.report.site.runs import SOURCES, Run, Runs
from tinyrig.suite.report.site.side_by_side import runs_json
from tinyrig.suite.report.site.templating import templates
from tinyrig.suite.studies.ablation.published import Beside

ASSETS = (
    *("style.css", "icon.svg"),
    *("theme.js", "tabs.js", "tables.js", "explore.js", "compare.js"),
)


@dataclass(frozen=True)
class Surroundings:
    """Where the report was made: the commit, versions of packages by name, asv's own site.

    `commits` is the address a commit's hash follows, empty where no web page has them.
    """

    commit: str
    packages: Mapping[str, str]
    asv: bool
    commits: str = ""


@dataclass(frozen=True)
class Content:
    """Everything the site shows; the papers' schemes of memory are planned for one board."""

    runs: Runs
    history: History
    memory: tuple[Beside, ...]
    cycles: tuple[CyclesBeside, ...]
    surroundings: Surroundings
    problems: tuple[str, ...]
    planned_for: str


def site_files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Yield the path below the site's folder and the bytes of every file."""
    models = content.runs.models
    past = sections(content.history)
    names = page_names((*models, *(section.model for section in past)))
    common: dict[str, Any] = {
        "content": content,
        "names": names,
        "models": models,
        "sources": SOURCES,
        "sections": past,
        "layer_cycles": layer_cycles,
        "causes": MEANING,
        "history_strip": history_strip,
        "commit_axis": commit_axis,
        "place": place,
        "day": day,
        "commit_url": lambda commit: _commit_url(content.surroundings.commits, commit),
    }
    pages: dict[str, tuple[str, dict[str, Any]]] = {
        "index.html": ("index.html", {"current": "overview"}),
        "compare.html": (
            "compare.html",
            {"current": "compare", "data": runs_json(content.runs.runs)},
        ),
        "history.html": ("history.html", {"current": "history", "moves": moves(content.history)}),
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
        text = templates().get_template(template).render(**common, **own, root=root)
        yield path, text.encode("utf-8", "replace")
    folder = resources.files("tinyrig.suite.report.site") / "assets"
    for name in ASSETS:
        yield f"assets/{name}", (folder / name).read_bytes()


def _commit_url(address: str, commit: Commit) -> str:
    """Return where a commit is shown, empty where nowhere."""
    return f"{address}{commit.sha}" if address else ""


def _panels(runs: Sequence[Run]) -> tuple[Panel, ...]:
    labels = [run.label for run in runs]
    keys = [run.label if labels.count(run.label) == 1 else run.evidence.job.name for run in runs]
    anchors = page_names(keys)
    return tuple(make_panel(run, anchors[key]) for run, key in zip(runs, keys, strict=True))
