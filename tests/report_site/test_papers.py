"""The papers' figures beside ours: planned alike every time, a column a source of cycles."""

from __future__ import annotations

import csv
import json
import re
import shutil
from importlib import resources
from pathlib import Path

from report_site.sites import BOARDS, site

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.models.case import resolve
from tinyrig.suite.report.site.papers import cycles_beside, memory_beside
from tinyrig.suite.report.site.runs import Runs, read_runs
from tinyrig.suite.rig.sizing import Planner
from tinyrig.suite.studies.ablation.published import beside, published_figures

MODEL = "ecgformer-mhsa"
MEASURED = 1_234_321
_CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)


def test_ours_is_planned_as_the_ablation_plans_it() -> None:
    board, figures = load_board("stm32f746"), published_figures(MODEL)
    expected = beside(figures, Planner(resolve(MODEL, {})), board)
    assert len(figures) >= 3
    for _ in range(2):
        assert memory_beside((MODEL, "mhsa-S8-E8-P4-H2")) == (expected, ())


def published_runs(results: Path, folder: Path) -> Runs:
    """The results as if they were of a published model, one with measured cycles too."""
    shutil.copytree(results, folder)
    for job in sorted(path for path in folder.iterdir() if path.is_dir()):
        path = job / "record.json"
        raw = json.loads(path.read_text())
        raw["model"]["name"] = MODEL
        if raw["board"] == BOARDS[1]:
            measured = {"source": "measured", "model": "DWT", "value": MEASURED}
            raw["cycles"].append(measured | {"error_percent": None, "memory": "board"})
        path.write_text(json.dumps(raw))
    return read_runs(folder, {})


def test_a_figure_stands_beside_its_own_kind_of_core(results: Path, tmp_path: Path) -> None:
    runs = published_runs(results, tmp_path / "results")
    found = cycles_beside(runs.models)
    assert found
    for one in found:
        boards = {ours.label.split()[0] for ours in one.ours}
        wanted = {"cortex-m4": {BOARDS[0]}, "cortex-m7": {BOARDS[1]}}
        assert boards == wanted.get(one.published.core, set())
        assert {ours.source for ours in one.of("measured")} <= {"measured"}
        assert all(ours.value != MEASURED for ours in one.of("modelled"))
    m7 = next(one for one in found if one.published.core == "cortex-m7")
    assert [ours.value for ours in m7.of("measured")] == [MEASURED]


def test_sources_never_share_a_column(results: Path, tmp_path: Path) -> None:
    published_runs(results, tmp_path / "results")
    site(tmp_path / "results", tmp_path / "site")
    for name in ("papers.html", "index.html"):
        page = (tmp_path / "site" / name).read_text(encoding="utf-8")
        table = next(part for part in page.split("<table")[1:] if f"{MEASURED:,}" in part)
        columns, *rows = [_CELL.findall(row) for row in table.split("<tr>")[1:]]
        (at,) = [
            index - len(columns)
            for index, cell in enumerate(columns)
            if cell.endswith(", measured") and "Published" not in cell
        ]
        holding = {
            index - len(row)
            for row in rows
            for index, cell in enumerate(row)
            if f"{MEASURED:,}" in cell
        }
        assert holding == {at}, "counted from the end, for a model's name spans its rows"


def test_every_published_cycle_has_its_source() -> None:
    text = (resources.files("tinyrig.suite.report.site") / "published_cycles.csv").read_text(
        "utf-8"
    )
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) > 10
    assert all(row[key] for row in rows for key in ("paper", "place", "hardware", "definition"))
    assert all(int(row["cycles"]) > 0 for row in rows)


def test_a_slip_of_ten_is_recomputed_and_said(results: Path, tmp_path: Path) -> None:
    """Table 4 multiplies out but on the STM32H7: 28.33 ms by 234 mW are 6,630 uJ, not 663."""
    runs = published_runs(results, tmp_path / "results")
    found = [one.published for one in cycles_beside(runs.models)]
    assert {one.slip for one in found if one.hardware == "STM32H7"} == {10}
    assert {one.slip for one in found if one.hardware != "STM32H7"} == {1}
    for one in found:
        assert one.recomputed_uj is not None
        assert one.energy_uj is not None
        assert 0.7 < one.recomputed_uj / one.energy_uj / one.slip < 1.45
    site(tmp_path / "results", tmp_path / "site")
    page = (tmp_path / "site" / "papers.html").read_text(encoding="utf-8")
    assert "energies of STM32H7 are printed 10 times lower" in page
    assert "863" in page and "86.3" in page
