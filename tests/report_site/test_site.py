"""The site without a browser: what is in it, what is left out, and how it is written."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

import pytest
from cli.command import check_refusal, tinyrig
from report_site.sites import BOARDS, DIMS, HOSTILE, LONG, NAME, site, split_by_cause

from tinyrig.suite.bench.folder import results as jobs_of
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.gate.budgets import Budget
from tinyrig.suite.records.energy import energy, nearest
from tinyrig.suite.report.site.naming import page_names
from tinyrig.suite.report.site.number_words import number, signed
from tinyrig.suite.report.site.runs import read_runs
from tinyrig.suite.report.time_words import ms_cell, three_digits
from tinyrig.suite.studies.memory.observed import load_observed, observe_job


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_figures_are_those_of_the_records(built: Path, results: Path) -> None:
    overview, page = text_of(built / "index.html"), text_of(built / f"models/{NAME}.html")
    for job in jobs_of(results):
        record = job.record
        for value in (record.instructions, record.memory.peak_ram, record.memory.flash):
            assert f"{value:,}" in overview
        for layer in record.layers:
            assert f"{layer.instructions:,}" in page
            assert layer.kernel in page
        for cycles in record.cycles:
            assert f"{cycles.value:,}" in overview
        close, joules = nearest(record.cycles), energy(record)
        assert close is not None and joules is not None
        time = ms_cell(record, close.value)
        assert f"<strong>{time}</strong> ms ±{close.error_percent:g} %" in overview
        assert f"<strong>{three_digits(joules.microjoules)}</strong> µJ" in overview
        assert f"<dd>{time} ms</dd>" in page
        for layer in record.layers:
            near = nearest(layer.cycles)
            assert near is not None
            assert f'<td class="num">{ms_cell(record, near.value)}</td>' in page


def test_a_cluster_s_layers_show_their_cycles_by_cause(
    built: Path, results: Path, tmp_path: Path
) -> None:
    split_by_cause(results, tmp_path / "results")
    site(tmp_path / "results", tmp_path / "site")
    page = text_of(tmp_path / "site" / f"models/{NAME}.html")
    assert 'aria-label="Cycles by layer and cause"' in page
    assert 'title="waits for copies">dma</th>' in page
    layers = len(next(iter(jobs_of(results))).record.layers)
    for value in (60, 15, 5, 21, -1):
        assert page.count(f'<td class="num">{value}<') >= layers
    assert "Cycles by layer and cause" not in text_of(built / f"models/{NAME}.html")


def test_budgets_are_held_against_plain_jobs(built: Path, results: Path) -> None:
    overview = text_of(built / "index.html")
    assert overview.count("over budget: peak RAM") == 1
    assert overview.count(">in budget<") == 1
    exact = {(NAME, BOARDS[0]): Budget(*_figures(results))}
    (run,) = [run for run in read_runs(results, exact).runs if run.budget is not None]
    assert not run.variant, "an option makes it another program"
    assert [one.share for one in run.headroom if one.of == "budget"] == [1.0] * 3
    assert not run.over, "a figure may reach its limit"


def _figures(results: Path) -> tuple[int, int, int]:
    for job in jobs_of(results):
        record = job.record
        if record.board == BOARDS[0] and not job.evidence.job.options:
            assert record.instructions is not None
            return record.memory.peak_ram, record.memory.flash, record.instructions
    raise AssertionError


def test_a_page_without_the_emulator_says_how_to_get_more(built: Path) -> None:
    page = text_of(built / f"models/{NAME}.html")
    parts = page.split('<section class="panel')
    watched, plain = parts[1], parts[2]
    assert "tinyrig report --observe" not in watched
    assert "tinyrig report --ablate" not in watched
    assert "Observed in use" in watched and "+ arena=optimal" in watched
    assert "tinyrig report --observe" in plain and "tinyrig report --ablate" in plain


def test_what_was_watched_belongs_to_one_elf(results: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(results, tmp_path / "results")
    (job,) = [job for job in jobs_of(copy) if (job.path / "observed.json").is_file()]
    found = load_observed(job)
    assert found is not None
    assert {build.build for build in found.builds} >= {"product"}
    assert all(build.touched and not build.findings for build in found.builds)
    for name in ("record.json", "evidence.json"):
        path = job.path / name
        path.write_text(path.read_text().replace(found.clean_sha256, "0" * 64))
    (stale,) = [run for run in jobs_of(copy) if run.path == job.path]
    assert load_observed(stale) is None
    site(copy, tmp_path / "site")
    page = text_of(tmp_path / f"site/models/{NAME}.html")
    assert "Observed in use" not in page and "+ arena=optimal" not in page


def test_a_rewritten_graph_is_watched_as_it_was_built(tmp_path: Path) -> None:
    job = Job(model="mhsa", board=BOARDS[0], dims=DIMS, options=("fused-weights=always",))
    result = measure_job(job).save(tmp_path)
    found = observe_job(result)
    assert all(build.touched and not build.findings for build in found.builds)
    assert load_observed(result) == found


def test_the_same_results_give_the_same_files(built: Path, results: Path, tmp_path: Path) -> None:
    written = site(results, tmp_path / "one")
    site(results, tmp_path / "two")
    files = files_of(tmp_path / "one")
    assert files == files_of(tmp_path / "two")
    assert (written.files, written.size) == (len(files), sum(map(len, files.values())))
    assert written.pages == sum(name.endswith(".html") for name in files)


def test_bad_results_are_told_and_the_rest_is_shown(results: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(results, tmp_path / "results")
    first, second, third = sorted(path for path in copy.iterdir() if path.is_dir())
    whole = (first / "record.json").read_text()
    (first / "record.json").write_text(whole[: len(whole) // 2])
    raw = json.loads((second / "evidence.json").read_text())
    raw["buffers"][0]["last"] = 999
    (second / "evidence.json").write_text(json.dumps(raw))
    written = site(copy, tmp_path / "site")
    assert len(written.problems) == 2
    overview = text_of(tmp_path / "site/index.html")
    assert "Left out" in overview
    assert "is not a whole record" in overview
    assert "a buffer or a loop is of layers that do not exist" in overview
    assert f"{json.loads((third / 'record.json').read_text())['instructions']:,}" in overview


def test_an_empty_folder_makes_a_site_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    written = site(tmp_path / "results", tmp_path / "site")
    assert written.pages == 5
    assert "tinyrig bench" in text_of(tmp_path / "site/index.html")
    assert "asv run" in text_of(tmp_path / "site/history.html")


def test_a_site_that_fails_leaves_the_old_one(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site(results, tmp_path / "site")
    before = files_of(tmp_path / "site")
    real = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if self.name == "history.html":
            raise OSError(28, "No space left on device")
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    said = tinyrig("report", results, "-o", tmp_path / "site")
    assert said.code == 2
    assert "No space left on device" in said.err
    assert files_of(tmp_path / "site") == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_foreign_folders_are_refused(results: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    check_refusal(tinyrig("report", results, "-o", tmp_path), 2, "holds files")
    check_refusal(
        tinyrig("report", tmp_path / "nowhere", "-o", tmp_path / "site"), 2, "no results folder"
    )
    said = tinyrig("report", results, "-o", tmp_path / "site", "--asv", tmp_path)
    check_refusal(said, 2, "asv publish")
    said = tinyrig("report", results, "-o", tmp_path / "site", "--observe", "--only", "nobody")
    check_refusal(said, 2, "no job whose name contains 'nobody'")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_command_says_what_it_wrote(results: Path, tmp_path: Path) -> None:
    # The clone's own history is a page of its size, whatever the results are.
    alone = ("--history", tmp_path / "nowhere")
    said = tinyrig("report", results, "-o", tmp_path / "site", *alone)
    assert said.code == 0, said.err
    assert re.search(r"6 pages, 14 files, 0\.\d MB, in \d+\.\d s", said.out)
    again = tinyrig("report", results, "-o", tmp_path / "site")
    assert again.code == 0, "a site of ours may be replaced"


@pytest.mark.parametrize("name", [HOSTILE, LONG])
def test_names_are_text_and_never_paths(hostile: Path, name: str) -> None:
    pages = list(hostile.rglob("*.html"))
    assert all(len(page.name) < 90 for page in pages)
    assert {page.parent for page in pages} == {hostile, hostile / "models"}
    told = [text_of(page) for page in pages]
    assert not any("<script>window" in text or "<img" in text for text in told)
    assert any(name in html.unescape(text) for text in told)
    assert not any("49" in re.findall(r"&amp;(.{2,7}?)/\.\./x", text) for text in told)


def test_page_names_are_safe_and_differ_in_any_case() -> None:
    titles = ["plain-1", "Plain-1", "a/b", "a b", "..", "", "é", "x" * 300, "x" * 301]
    names = page_names(titles)
    assert set(names) == set(titles)
    assert len({name.casefold() for name in names.values()}) == len(titles)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,69}", name) for name in names.values())
    assert "plain-1" in {names["plain-1"], names["Plain-1"]} or "Plain-1" in names.values()


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (None, 0, "–"),
        (0, 0, "0"),
        (1234567, 0, "1,234,567"),
        (1.5, 0, "1.5"),
        (132_104_233.7, 0, "132,104,234"),
        (2.1, 2, "2.10"),
        (1234.5, 1, "1,234.5"),
    ],
)
def test_numbers_are_written_for_people(value: float | None, digits: int, shown: str) -> None:
    assert number(value, digits) == shown


@pytest.mark.parametrize(
    ("share", "shown"), [(None, "–"), (0.01, "+1.00 %"), (-0.5, "-50.00 %"), (1e-7, "+1e-05 %")]
)
def test_the_smallest_change_is_not_nothing(share: float | None, shown: str) -> None:
    assert signed(share) == shown
