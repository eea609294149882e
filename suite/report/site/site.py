"""From a folder of results to a static site, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from tinyrig.suite.files.folders import check_replaceable, write_folder
from tinyrig.suite.gate.budgets import Budget
from tinyrig.suite.report.site.asv_pages import FOLDER, asv_files
from tinyrig.suite.report.site.commits import ancestry, head, subjects
from tinyrig.suite.report.site.history import History, read_history
from tinyrig.suite.report.site.pages import Content, Surroundings, site_files
from tinyrig.suite.report.site.papers import PLANNED_FOR, cycles_beside, memory_beside
from tinyrig.suite.report.site.runs import Runs, read_runs

MANIFEST = "site.json"
_PACKAGES = ("tinyrig", "ziglang", "unicorn", "torch", "onnx", "onnxruntime", "ortools", "numpy")


@dataclass(frozen=True)
class Written:
    """What was written: pages, all files, their bytes, and what had to be left out."""

    pages: int
    files: int
    size: int
    problems: tuple[str, ...]


def check_site(output: Path) -> None:
    """Raise InputError when a site could not take `output`'s place."""
    check_replaceable(output, MANIFEST)


def write_site(
    results: Path,
    output: Path,
    *,
    budgets: Mapping[tuple[str, str], Budget],
    history: Path,
    asv: Path | None,
    asv_packages: Path | None,
    repository: Path,
    commits: str = "",
) -> Written:
    """Write the site of a results folder.

    `history` is asv's results folder, `asv` the site asv published, copied along with what its
    pages load where `asv_packages`, npm's folder of packages, has it; `repository`
    lies in the git repository whose commits the history names, `commits` is the address before a
    commit's hash where a web page shows them. The same inputs give the same
    files. InputError when a folder is missing or the site cannot be written.
    """
    files = {MANIFEST: (json.dumps({"tinyrig": "report"}) + "\n").encode()}
    published, networked = asv_files(asv, asv_packages) if asv is not None else ({}, ())
    content = _content(results, budgets, history, repository, asv=bool(published), commits=commits)
    files |= dict(site_files(content))
    files |= published
    write_folder(output, files)
    return Written(
        pages=sum(name.endswith(".html") for name in files if not name.startswith(f"{FOLDER}/")),
        files=len(files),
        size=sum(map(len, files.values())),
        problems=(*content.problems, *networked),
    )


def _content(
    results: Path,
    budgets: Mapping[tuple[str, str], Budget],
    history: Path,
    repository: Path,
    *,
    asv: bool,
    commits: str,
) -> Content:
    runs = read_runs(results, budgets)
    found = read_history(history)
    found = found.ordered(ancestry([commit.sha for commit in found.commits], repository))
    past = _named(found, runs, repository)
    memory, unplanned = memory_beside(tuple(runs.models))
    return Content(
        runs=runs,
        history=past,
        memory=memory,
        cycles=cycles_beside(runs.models),
        surroundings=Surroundings(head(repository), dict(_packages()), asv, commits),
        problems=(*runs.problems, *past.problems, *unplanned),
        planned_for=PLANNED_FOR,
    )


def _named(history: History, runs: Runs, repository: Path) -> History:
    """Return a history whose commits have their first lines, and models the names of the runs.

    A free block is run by its family's name, and called by that and its dimensions.
    """
    found = subjects([commit.sha for commit in history.commits], repository)
    commits = (replace(commit, subject=found.get(commit.sha, "")) for commit in history.commits)
    jobs = ((run.evidence.job, run.model) for run in runs.runs)
    called = {job.model: model for job, model in jobs if not job.dims}
    series = (
        replace(one, subject=called.get(one.subject, one.subject)) if one.kind == "model" else one
        for one in history.series
    )
    return replace(history, commits=tuple(commits), series=tuple(series))


def _packages() -> Iterator[tuple[str, str]]:
    """Yield the versions of what moves numbers."""
    for name in _PACKAGES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
