"""`tinyrig compare`: folders and records, in every format."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cli.command import check_refusal, tinyrig
from gate import slower
from gate.changed_rig import M4, M7, STATED_M4, STATED_M7, Kernels, base, measure, only_result

from tinyrig.suite.gate.comparison import COPIED, Compared, compare


@pytest.fixture
def sides(tmp_path: Path, kernels: Kernels) -> tuple[Path, Path]:
    kernels(slower.FILE, slower.with_a_nop)
    return base(tmp_path / "one", STATED_M4), measure(tmp_path / "other", STATED_M4)


def test_what_differs_is_shown_with_both_values(sides: tuple[Path, Path]) -> None:
    said = tinyrig("compare", *sides)
    assert said.code == 0
    old, new = (only_result(side).record.instructions for side in sides)
    assert old is not None
    assert new is not None
    for word in (f"{old:,}", f"{new:,}", f"{100 * (new / old - 1):+.2f} %", "instructions"):
        assert word in said.out
    assert "block.out.Gemm.finish" in said.out
    assert "block.q.Gemm" not in said.out
    assert "arena" not in said.out


def test_a_change_is_told_in_per_cent_of_the_first_side() -> None:
    changes = [
        Compared(job="one", metric="flash", a=a, b=b).percent
        for a, b in ((100, 110), (100, 0), (0, 100), (None, 100), (100, None))
    ]
    assert changes == [pytest.approx(10), pytest.approx(-100), None, None, None]


def test_bytes_copied_on_one_side_alone_are_shown(sides: tuple[Path, Path]) -> None:
    record = only_result(sides[0]).record
    memory = record.memory.model_copy(update={"copied": 64, "copied_code": 0})
    copying = record.model_copy(update={"memory": memory})
    figures = compare("a", {"one": record}, "b", {"one": copying}).figures
    copied = [(one.metric, one.a, one.b) for one in figures if one.metric in COPIED]
    assert copied == [("copied", record.memory.copied, 64)]


def test_equal_sides_say_so(sides: tuple[Path, Path]) -> None:
    said = tinyrig("compare", sides[0], sides[0])
    figures = re.search(r"(\d+) figures, (\d+) of them equal", " ".join(said.out.split()))
    assert figures
    assert figures[1] == figures[2]


def test_json_holds_every_figure_and_layer(sides: tuple[Path, Path]) -> None:
    found = json.loads(tinyrig("compare", *sides, "--format", "json").out)
    record = only_result(sides[1]).record
    figures = {figure["metric"]: figure for figure in found["figures"]}
    assert figures["instructions"]["b"] == record.instructions
    assert figures["flash"]["b"] == record.memory.flash
    assert [layer["layer"] for layer in found["layers"]] == [layer.name for layer in record.layers]
    assert [layer["instructions_b"] for layer in found["layers"]] == [
        layer.instructions for layer in record.layers
    ]


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.outside: list[str] = []
        self._in = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag in ("td", "th")
        self.outside += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        if self._in:
            self.cells.append(data)
            self._in = False


def test_the_page_and_markdown_hold_the_same_cells(
    sides: tuple[Path, Path], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert tinyrig("compare", *sides, "--format", "html", "-o", page).code == 0
    parser = _Cells()
    parser.feed(page.read_text(encoding="utf-8"))
    assert all(place.startswith("#") for place in parser.outside), "within the page"
    markdown = tinyrig("compare", *sides, "--format", "markdown").out
    rows = [line for line in markdown.splitlines() if line.startswith("|") and "---" not in line]
    plain = (html.unescape(row.replace("\u200b", "")) for row in rows)
    cells = [re.sub(r"\\(.)", r"\1", c.strip()) for row in plain for c in row[1:-1].split(" | ")]
    assert [html.unescape(cell) for cell in parser.cells] == cells


def test_two_records_are_compared_whatever_they_are_of(sides: tuple[Path, Path]) -> None:
    base(sides[0].parent / "third", STATED_M7)
    files = [
        only_result(side).path / "record.json" for side in (sides[0], sides[0].parent / "third")
    ]
    found = json.loads(tinyrig("compare", *files, "--format", "json").out)
    # A record alone does not say its options.
    assert {figure["job"] for figure in found["figures"]} == {f"{M4.name} -> {M7.name}"}
    assert {layer["layer"] for layer in found["layers"]} >= {"block.k.Gemm", "block.q.Gemm"}


def test_a_job_of_one_side_has_figures_of_one_side(sides: tuple[Path, Path]) -> None:
    base(sides[1], STATED_M7)
    found = json.loads(tinyrig("compare", *sides, "--format", "json").out)
    lonely = [figure for figure in found["figures"] if figure["job"] == STATED_M7.name]
    assert lonely
    assert all(figure["a"] is None and figure["b"] is not None for figure in lonely)
    assert found["layers"] == []


def test_what_is_neither_is_refused(sides: tuple[Path, Path], tmp_path: Path) -> None:
    check_refusal(tinyrig("compare", sides[0], "no-such-ref"), 2, "no-such-ref")
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    check_refusal(tinyrig("compare", sides[0], broken), 2, "broken.json")
    missing = tmp_path / "missing" / "page.html"
    check_refusal(tinyrig("compare", *sides, "-o", missing), 2, "folder does not exist")
