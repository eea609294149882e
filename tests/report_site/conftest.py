"""A results folder of real runs, a history asv itself wrote, and the site of both."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from report_site.history_files import write_history
from report_site.sites import BOARDS, DIMS, HOSTILE, LONG, NAME, renamed, site

from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.gate.budgets import Budget
from tinyrig.suite.report.site.deepen import ablate_results, observe_results


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real jobs of a small block; the first is watched and ablated too."""
    folder = tmp_path_factory.mktemp("bench") / "results"
    jobs = [Job(model="mhsa", board=board, dims=DIMS) for board in BOARDS]
    jobs.append(Job(model="mhsa", board=BOARDS[0], dims=DIMS, options=("attention=layerwise",)))
    for job in jobs:
        measure_job(job).save(folder)

    def chosen(name: str) -> bool:
        return name == jobs[0].name

    observe_results(folder, chosen, lambda _: None)
    ablate_results(folder, chosen, lambda _: None)
    return folder


@pytest.fixture(scope="session")
def budgets(results: Path) -> dict[tuple[str, str], Budget]:
    """One budget that holds and one that is passed."""
    roomy = Budget(peak_ram=10_000, flash=100_000, instructions=1_000_000)
    return {(NAME, BOARDS[0]): roomy, (NAME, BOARDS[1]): Budget(1, 100_000, 1_000_000)}


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_history(tmp_path_factory.mktemp("asv"), NAME, BOARDS)


@pytest.fixture(scope="session")
def built(
    results: Path,
    budgets: dict[tuple[str, str], Budget],
    history: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The site of all that, with a site of asv beside it."""
    root = tmp_path_factory.mktemp("site")
    asv = root / "html"
    asv.mkdir()
    page = '<!doctype html><html lang="en"><title>asv</title><h1>asv</h1></html>'
    (asv / "index.html").write_text(page, encoding="utf-8")
    site(results, root / "site", budgets=budgets, history=history, asv=asv)
    return root / "site"


@pytest.fixture(scope="session")
def hostile(
    results: Path, history: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The site of results whose every name is an attack, or far too long."""
    root = tmp_path_factory.mktemp("hostile")
    for index, name in enumerate((HOSTILE, LONG)):
        renamed(results, root / "results", name, f"job{index}")
    past = write_history(root / "asv", HOSTILE, (LONG, HOSTILE))
    site(root / "results", root / "site", history=past)
    yield root / "site"
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots are kept: $TINYRIG_ARTEFACTS, or a folder that goes away."""
    chosen = os.environ.get("TINYRIG_ARTEFACTS")
    folder = Path(chosen) if chosen else tmp_path_factory.mktemp("artefacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
