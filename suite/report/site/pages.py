"""The site's files: pages from templates that escape every name, and their assets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tinyrig.suite.records.energy import energy
from tinyrig.suite.report.site.charts import commit_axis, history_strip
from tinyrig.suite.report.site.history import History
from tinyrig.suite.report.site.history_view import moves, place, sections
from tinyrig.suite.report.site.naming import page_names
from tinyrig.suite.report.site.panels import Panel, layer_cycles, make_panel
from tinyrig.suite.report.site.papers import CyclesBeside
from tinyrig.suite.report.site.runs import SOURCES, Run, Runs
from tinyrig.suite.report.time_words import ms_cell, three_digits
from tinyrig.suite.studies.ablation.published import Beside

ASSETS = ("style.css", "theme.js", "tabs.js", "icon.svg")
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


def site_files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Yield the path below the site's folder and the bytes of every file."""
    environment = _environment()
    models = content.runs.models
    past = sections(content.history)
    names = page_names((*models, *(section.model for section in past)))
    common: dict[str, Any] = {
        "content": content,
        "names": names,
        "models": models,
        "sources": SOURCES,
        "sections": past,
    }
    pages: dict[str, tuple[str, dict[str, Any]]] = {
        "index.html": ("index.html", {"current": "overview"}),
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
        text = environment.get_template(template).render(**common, **own, root=root)
        yield path, text.encode("utf-8", "replace")
    folder = resources.files("tinyrig.suite.report.site") / "assets"
    for name in ASSETS:
        yield f"assets/{name}", (folder / name).read_bytes()


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tinyrig.suite.report.site"),
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
            "ms_cell": ms_cell,
            "energy": energy,
            "three_digits": three_digits,
            "history_strip": history_strip,
            "commit_axis": commit_axis,
            "place": place,
        }
    )
    return environment


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separators, a dash for none."""
    if value is None:
        return _NONE
    if value != int(value) and abs(value) < 1000 and not digits:
        return f"{value:.4g}"
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
    # A plain string: Markup would escape what is put between its parts.
    return Markup(re.sub(r"([._]+)", r"\1<wbr>", str(escape(name))))


def width(share: float) -> str:
    """Return the width of a bar in percent, at most the whole."""
    return f"{100 * min(max(share, 0.0), 1.0):.2f}"


def _panels(runs: Sequence[Run]) -> tuple[Panel, ...]:
    labels = [run.label for run in runs]
    keys = [run.label if labels.count(run.label) == 1 else run.evidence.job.name for run in runs]
    anchors = page_names(keys)
    return tuple(make_panel(run, anchors[key]) for run, key in zip(runs, keys, strict=True))
