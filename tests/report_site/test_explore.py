"""What a reader does on a page: sorts, filters, zooms, points, compares; also on a phone."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from report_site.browser import launched, opened, served
from report_site.gate_answers import worsened
from report_site.history_files import write_history
from report_site.sites import BOARDS, NAME

from tinyrig.suite.bench.folder import results as jobs_of
from tinyrig.suite.report.gate_page import gate_page
from tinyrig.suite.report.memory_page import memory_page
from tinyrig.suite.report.site.asv_pages import asv_files
from tinyrig.suite.report.site.runs import read_runs
from tinyrig.suite.report.time_words import nearest_ms_cell

pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

SERIOUS = {"serious", "critical"}

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def alone(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages in one file: of a memory plan, and of a gate that failed."""
    folder = tmp_path_factory.mktemp("alone")
    (run, *_) = read_runs(results, {}).runs
    assert run.arena is not None
    (folder / "memory.html").write_text(memory_page(run.arena, ()), encoding="utf-8")
    report, base = worsened(results, folder / "base")
    (folder / "gate.html").write_text(gate_page(report, base, results), encoding="utf-8")
    return folder


def column(table: Locator, name: str) -> list[float]:
    heads = table.locator("thead th").all_inner_texts()
    (at,) = [index for index, head in enumerate(heads) if head.split("\n")[0].strip() == name]
    cells = table.locator(f"tbody tr:not([hidden]) > :nth-child({at + 1})").all_inner_texts()
    return [float(cell.split()[0].replace(",", "")) for cell in cells]


def test_tables_are_sorted_and_filtered(browser: Browser, built: Path) -> None:
    with opened(browser) as seen:
        page = seen.go(built / "index.html")
        table = page.locator("table.limits")
        given = column(table, "Instructions")
        button = table.get_by_role("button", name="Instructions")
        for order in ("descending", "ascending"):
            button.click()
            head = table.locator("th[aria-sort]")
            assert head.get_attribute("aria-sort") == order
            wanted = sorted(given, reverse=order == "descending")
            assert column(table, "Instructions") == wanted
            assert order == "ascending" or wanted != given
        button.click()
        assert column(table, "Instructions") == given
        page = seen.go(built / f"models/{NAME}.html")
        settings = page.locator(".panel.open details", has_text="every switch alone")
        settings.locator("summary").click()
        rows = settings.locator("tbody tr:visible")
        whole = rows.count()
        settings.locator(".filter input").fill("OUT left")
        assert 0 < rows.count() < whole
        assert all("left out" in text for text in rows.all_inner_texts())
        assert settings.locator(".filter span").inner_text() == f"{rows.count()} of {whole} rows"
        assert seen.complaints == []


def test_flamegraphs_zoom_search_and_tell_whole_names(browser: Browser, built: Path) -> None:
    with opened(browser) as seen:
        page = seen.go(built / f"models/{NAME}.html")
        chart = page.locator(".panel.open svg.flame")
        frames, told = chart.locator("> svg"), page.locator(".panel.open .told").first
        names = [str(one).partition(":")[0] for one in chart.locator("title").all_text_contents()]
        at = next(index for index, name in enumerate(names) if name.startswith("3 "))
        frames.nth(at).hover()
        assert told.inner_text().startswith(f"{names[at]}: ")
        before = frames.nth(at).bounding_box()
        frames.nth(at).click()
        after, room = frames.nth(at).bounding_box(), chart.bounding_box()
        assert before is not None and after is not None and room is not None
        assert before["width"] < 0.9 * room["width"]
        assert after["width"] == pytest.approx(room["width"], rel=0.01)
        assert not frames.nth(1).is_visible(), "another layer"
        page.locator(".panel.open .tools button").click()
        assert frames.nth(1).is_visible()
        field = page.locator(".panel.open .tools input")
        field.fill(names[at])
        assert chart.locator("> svg.hit").count() == 1
        share = before["width"] / room["width"]
        (shown,) = re.findall(r"([\d.]+) %", page.locator(".panel.open .found").inner_text())
        assert float(shown) == pytest.approx(100 * share, abs=0.6)
        field.press("Enter")
        zoomed = frames.nth(at).bounding_box()
        assert zoomed is not None and zoomed["width"] == pytest.approx(room["width"], rel=0.01)


def test_memory_is_linked_with_its_table(browser: Browser, built: Path, alone: Path) -> None:
    with opened(browser) as seen:
        for path in (built / f"models/{NAME}.html", alone / "memory.html"):
            page = seen.go(path)
            block = page.locator(".picture rect.block.scratch:has(title)").first
            key = block.get_attribute("data-block")
            block.hover()
            row = page.locator("tr.lit")
            assert row.get_attribute("data-block") == key
            name = row.locator("th").inner_text()
            assert f"{name}: scratch" in page.locator(".told", has_text="scratch").inner_text()
            other = page.locator(f"tr[data-block]:not([data-block='{key}'])").first
            other.hover()
            lit = page.locator(".picture rect.lit")
            assert lit.get_attribute("data-block") == other.get_attribute("data-block")
        assert seen.complaints == []


def test_two_runs_stand_side_by_side(browser: Browser, built: Path, results: Path) -> None:
    records = [job.record for job in jobs_of(results) if not job.evidence.job.options]
    counts = {record.board: record.instructions for record in records}
    times = {record.board: nearest_ms_cell(record) for record in records}
    with opened(browser) as seen:
        page = seen.go(built / "compare.html")
        row = page.locator("tr", has=page.locator("th", has_text=re.compile("^Instructions$")))
        first, second = (counts[board] for board in BOARDS)
        assert first is not None and second is not None
        change = f"{'−' if second < first else '+'}{abs(100 * (second / first - 1)):.1f} %"
        assert row.locator("td").all_inner_texts() == [f"{first:,}", f"{second:,}", change]
        page.get_by_role("button", name="Swap").click()
        assert row.locator("td").all_inner_texts()[:2] == [f"{second:,}", f"{first:,}"]
        (milliseconds,) = page.locator("tr", has_text="Milliseconds").all()
        shown = milliseconds.locator("td").all_inner_texts()[:2]
        assert shown == [times[board] for board in reversed(BOARDS)]
        page.locator("select").first.select_option(index=2)
        assert page.locator("table").count() == 3, "figures, operators, layers of one model"
        assert seen.complaints == []


def test_a_phone_shows_every_column(browser: Browser, built: Path, alone: Path) -> None:
    hidden = """() => [...document.querySelectorAll(".stacked tbody td, .stacked tbody th")]
      .filter((cell) => cell.checkVisibility())
      .filter((cell) => cell.getBoundingClientRect().right > innerWidth
        || (cell.dataset.label && cell.offsetWidth < 40))
      .map((cell) => cell.outerHTML)"""
    with opened(browser, width=390) as seen:
        for path in (*sorted(built.rglob("*.html")), *alone.glob("*.html")):
            if "asv" in path.parts:
                continue
            page = seen.go(path)
            assert page.evaluate(hidden) == [], path.name


def test_a_desk_shows_every_figure_of_the_overview(browser: Browser, built: Path) -> None:
    hidden = """() => [...document.querySelectorAll(".limits th, .limits td")]
      .filter((cell) => cell.getBoundingClientRect().right > innerWidth)
      .map((cell) => cell.outerHTML)"""
    with opened(browser) as seen:
        assert seen.go(built / "index.html").evaluate(hidden) == []


def test_pages_in_one_file_are_of_the_same_design(
    browser: Browser, artefacts: Path, alone: Path
) -> None:
    for dark in (False, True):
        for width in (1280, 390):
            with opened(browser, width=width, dark=dark, trusted=True) as seen:
                for path in sorted(alone.glob("*.html")):
                    page = seen.go(path)
                    assert page.evaluate("window.shift") == [], path.name
                    scheme = "dark" if dark else "light"
                    shot = artefacts / f"{path.stem}-page-{width}-{scheme}.png"
                    page.screenshot(path=shot, full_page=True)
                    assert wide(page) <= 0, f"{path.name} is wider than {width} pixels"
                    found = Axe().run(page).response["violations"]
                    serious = [one["id"] for one in found if one["impact"] in SERIOUS]
                    assert serious == [], f"{path.name} at {width} pixels"
                assert seen.complaints == []
    with opened(browser) as seen:
        page = seen.go(alone / "gate.html")
        kinds = page.locator("svg.flame rect[class^=more]")
        assert kinds.count() >= 3, "the root, the layer and the function that got slower"
        assert page.locator("svg.flame rect[class^=less]").count() == 0
        assert page.locator("svg.flame rect.d0").count() > kinds.count()
        assert seen.complaints == [], "the page's own policy lets its scripts run"


def wide(page: Page) -> int:
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(width))


def published(folder: Path) -> Path:
    """A repository of three commits whose history asv published."""

    def run(*words: str) -> str:
        return subprocess.run(
            words, cwd=folder, check=True, capture_output=True, text=True, timeout=120
        ).stdout.strip()

    pytest.importorskip("asv", reason="asv is missing. Install it with: pip install asv")
    run("git", "init", "--quiet", "--initial-branch", "main")
    shas = []
    for subject in ("one", "two", "three"):
        identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
        run("git", *identity, "commit", "--quiet", "--allow-empty", "-m", subject)
        shas.append(run("git", "rev-parse", "HEAD"))
    write_history(folder / "results", NAME, BOARDS, shas)
    settings = {"version": 1, "project": "p", "repo": ".", "branches": ["main"]}
    folders = {"results_dir": "results", "html_dir": "html", "benchmark_dir": "benchmarks"}
    (folder / "asv.conf.json").write_text(json.dumps(settings | folders), encoding="utf-8")
    run(sys.executable, "-m", "asv", "publish")
    return folder / "html"


def installed(folder: Path) -> Path:
    """What asv's pages load, as npm has it."""
    if shutil.which("npm") is None:
        pytest.skip("npm is missing. Install it with: sudo apt-get install npm")
    script = Path(__file__).parents[2] / ".ci" / "asv_packages.py"
    subprocess.run([sys.executable, script, folder / "packages"], check=True, timeout=300)
    return folder / "packages" / "node_modules"


def test_the_pages_of_asv_load_nothing_from_elsewhere(
    browser: Browser, artefacts: Path, tmp_path: Path
) -> None:
    files, problems = asv_files(published(tmp_path), installed(tmp_path))
    assert problems == ()
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with served(tmp_path) as address, opened(browser, offline=False) as seen:
        page = seen.page
        page.goto(f"{address}/asv/index.html")
        page.get_by_text("Firmware.track_instructions").wait_for()
        assert page.evaluate("[typeof $, typeof $.plot, typeof md5, typeof $.fn.stupidtable]") == [
            *("function", "function", "function", "function")
        ]
        assert page.evaluate("$.plot.plugins.length") >= 4
        assert page.evaluate("typeof $.fn.tooltip") == "function", "Bootstrap's"
        page.goto(f"{address}/asv/index.html#track_matrix.Firmware.track_instructions")
        page.wait_for_selector("#main-graph canvas")
        assert all(url.startswith(address) for url in seen.requests)
    with served(tmp_path) as address:
        for dark, width in itertools.product((False, True), (1280, 390)):
            with opened(browser, width=width, dark=dark, offline=False) as seen:
                seen.page.goto(f"{address}/asv/index.html")
                seen.page.get_by_text("Firmware.track_instructions").wait_for()
                seen.page.wait_for_function(
                    "document.querySelectorAll('canvas.flot-base').length === 4"
                )
                bar = seen.page.locator("#nav").bounding_box()
                assert bar is not None and bar["height"] < 60, "the charts begin below it"
                scheme = "dark" if dark else "light"
                seen.page.screenshot(path=artefacts / f"asv-{width}-{scheme}.png")
