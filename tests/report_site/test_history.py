"""The history asv keeps: read as asv wrote it, its steps found, bad files told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from report_site.history_files import AFTER, BEFORE, COMMITS, KERNEL, LANES, TIME, TRACK
from report_site.sites import BOARDS, NAME, site

from tinyrig.suite.report.site.commits import ancestry, web_address
from tinyrig.suite.report.site.history import Commit, History, Series, read_history
from tinyrig.suite.report.site.history_chart import commit_axis, history_strip
from tinyrig.suite.report.site.history_view import RIG, sections


def test_figures_of_every_commit_are_read(history: Path) -> None:
    found = read_history(history)
    assert not found.problems
    assert [commit.sha for commit in found.commits] == list(COMMITS)
    tracked = {one.labels["board"]: one for one in found.series if one.benchmark == TRACK}
    assert set(tracked) == set(BOARDS)
    first = tracked[BOARDS[0]]
    assert (first.subject, first.unit, first.title) == (NAME, "instructions", "instructions")
    assert list(first.values.values()) == [BEFORE] * 2 + [AFTER] * 4
    (timed,) = [one for one in found.series if one.benchmark == TIME]
    assert (timed.kind, timed.exact, len(timed.values)) == ("", False, 6)
    assert timed.labels["model"] == NAME
    (lane,) = [one for one in found.series if one.benchmark == LANES]
    assert lane.labels["board"] == BOARDS[0], "what is not a number is no figure"


def test_a_step_of_one_instruction_names_its_commit(history: Path) -> None:
    found = read_history(history)
    steps = [step for one in found.series for step in found.steps(one)]
    (step,) = steps
    assert (step.commit.sha, step.before, step.after) == (COMMITS[2], BEFORE, AFTER)
    assert step.series.labels["board"] == BOARDS[0]
    assert COMMITS[2][:8] in commit_axis(found, [step.series])
    strip = history_strip(found, step.series)
    assert strip.count("<circle") == 1
    assert "5 steps" not in strip and "1 steps" in strip


def test_the_page_shows_the_step_and_links_asv(built: Path) -> None:
    page = (built / "history.html").read_text(encoding="utf-8")
    assert '<a href="asv/index.html">' in page
    moved = page.split('id="steps"')[1].split("</table>")[0]
    assert COMMITS[2][:8] in moved and "1,000" in moved and "1,001" in moved
    assert "+0.10 %" in moved
    assert "boot" not in moved, "noise of a timing is no step"


def test_commits_are_links_where_a_web_page_has_them(
    results: Path, history: Path, tmp_path: Path
) -> None:
    address = "https://forge.example/project/commit/"
    site(results, tmp_path / "site", history=history, commits=address)
    page = (tmp_path / "site" / "history.html").read_text(encoding="utf-8")
    links = re.findall(rf'href="{address}([0-9a-f]+)"', page)
    assert set(links) == {COMMITS[0], COMMITS[2], COMMITS[5], *COMMITS}
    assert page.count(f'<a href="{address}{COMMITS[2]}" aria-label="Commit') == 2, "dot and label"
    assert 'class="strip" width="100%" height="56" role="group"' in page, "links are in no picture"
    assert address in (tmp_path / "site" / "environment.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r/commit/"),
        ("https://token:x@github.com/o/r", "https://github.com/o/r/commit/"),
        ("git@gitlab.com:o/r.js.git", "https://gitlab.com/o/r.js/commit/"),
        ("ssh://git@codeberg.org/o/r.git", "https://codeberg.org/o/r/commit/"),
        ("https://example.org/o/r.git", ""),
        ("/srv/git/r.git", ""),
    ],
)
def test_addresses_of_commits_follow_the_origin(tmp_path: Path, origin: str, address: str) -> None:
    for words in (("init", "--quiet"), ("remote", "add", "origin", origin)):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert web_address(tmp_path) == address


def test_what_moved_is_drawn_and_the_rest_is_a_line(history: Path) -> None:
    found = {section.title: section for section in sections(read_history(history))}
    assert list(found) == [NAME, "kernels", RIG]
    model, kernels, rig = found.values()
    assert [chart.title for chart in model.drawn] == ["instructions (firmware)"]
    assert [chart.title for chart in model.still] == ["instructions (lanes)"]
    (drawn,) = model.drawn
    assert [(line.name, line.last) for line in drawn.lines] == [
        (BOARDS[0], AFTER),
        (BOARDS[1], BEFORE),
    ]
    assert [commit.sha for commit in drawn.rows] == [COMMITS[5], COMMITS[2], COMMITS[0]]
    assert [chart.title for chart in kernels.still] == [KERNEL]
    assert (rig.model, [chart.title for chart in rig.drawn]) == ("", ["boot"])
    assert len(rig.drawn[0].rows) == len(COMMITS), "noise is shown in full"


def test_results_of_an_older_version_of_a_benchmark_are_passed_over(
    history: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(history, tmp_path / "asv")
    path = copy / "benchmarks.json"
    raw = json.loads(path.read_text())
    raw[TRACK]["version"] = "other"
    path.write_text(json.dumps(raw))
    assert TRACK not in {one.benchmark for one in read_history(copy).series}


def test_bad_files_are_told_and_the_rest_is_read(history: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(history, tmp_path / "asv")
    bad = {
        "truncated.json": '{"version": 2, "commit_hash": "',
        "list.json": "[]",
        "newer.json": '{"version": 3}',
        "nobody.json": '{"version": 2, "commit_hash": "--output=x"}',
        "odd.json": json.dumps(
            {"version": 2, "commit_hash": "a" * 40, "results": {TRACK: [1]}, "result_columns": 7}
        ),
    }
    for name, text in bad.items():
        (copy / "box" / name).write_text(text)
    found = read_history(copy)
    assert len(found.problems) == len(bad)
    assert len([one for one in found.series if one.benchmark == TRACK]) == len(BOARDS)
    assert read_history(tmp_path / "nowhere") == History()


def test_labels_of_commits_never_lie_over_each_other() -> None:
    commits = tuple(Commit(f"{index:040x}", float(index)) for index in range(200))
    values = {commit.sha: float(index) for index, commit in enumerate(commits)}
    series = Series("b.track_x", "bytes", "model", "m", {"board": "b"}, values)
    history = History(commits, (series,))
    axis = commit_axis(history, [series])
    places = sorted(float(part.split('%"')[0]) for part in axis.split('<svg x="')[1:])
    assert 2 <= len(places) <= 18
    assert all(b - a >= 5 for a, b in pairwise(places))


def test_commits_are_ordered_by_what_came_from_what(tmp_path: Path) -> None:
    """A wrong clock and a branch change nothing; what the repository lacks goes by date."""

    def run(*words: str, date: int) -> None:
        stamp = f"@{date} +0000"
        subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *words],
            cwd=tmp_path,
            env={**os.environ, "GIT_COMMITTER_DATE": stamp, "GIT_AUTHOR_DATE": stamp},
            check=True,
            capture_output=True,
        )

    def tip() -> str:
        words = ["git", "rev-parse", "HEAD"]
        return subprocess.run(
            words, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.strip()

    run("init", "--quiet", "--initial-branch", "main", date=0)
    shas, dates = [], [5000, 3000, 4000]
    for date in dates:
        run("commit", "--quiet", "--allow-empty", "-m", str(date), date=date)
        shas.append(tip())
    run("checkout", "--quiet", "-b", "side", "HEAD~1", date=0)
    run("commit", "--quiet", "--allow-empty", "-m", "side", date=9000)
    side = tip()
    strange = "f" * 40
    everything = [*zip(shas, dates, strict=True), (side, 9000), (strange, 3500)]
    commits = sorted((Commit(sha, date) for sha, date in everything), key=lambda one: one.date)
    found = History(tuple(commits)).ordered(ancestry([one.sha for one in commits], tmp_path))
    order = [one.sha for one in found.commits]
    assert sorted(order) == sorted(sha for sha, _ in everything)
    assert order.index(shas[0]) < order.index(shas[1]) < order.index(shas[2])
    assert order.index(shas[1]) < order.index(side)
    assert History(tuple(commits)).ordered([]).commits == tuple(commits)
