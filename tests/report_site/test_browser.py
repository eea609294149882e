"""The site in a browser: it loads, shows its data, fits a phone, and needs no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from report_site.browser import launched, opened, served_slowly
from report_site.history_files import COMMITS
from report_site.sites import BOARDS, NAME

from tinyrig.suite.bench.folder import results as jobs_of

pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.end_to_end

PAGES = (
    "index.html",
    "compare.html",
    "history.html",
    "papers.html",
    "environment.html",
    f"models/{NAME}.html",
)
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


def overflow(page: Page) -> int:
    """How many pixels a page is wider than its window."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(wide))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_load_quietly_still_and_fit(
    browser: Browser, built: Path, artefacts: Path, name: str, dark: bool
) -> None:
    scheme = "dark" if dark else "light"
    for width in (1280, 390, 320):
        with opened(browser, width=width, dark=dark) as seen:
            page = seen.go(built / name)
            assert page.title().endswith("Tinyrig")
            assert page.locator("h1").count() == 1
            page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
            page.wait_for_timeout(50)
            assert page.evaluate("window.shift") == [], "the layout moved"
            assert overflow(page) <= 0, f"{name} is wider than {width} pixels"
            assert seen.complaints == []
            assert all(url.startswith(built.as_uri()) for url in seen.requests)
            if width != 320:
                shot = artefacts / f"{Path(name).stem}-{width}-{scheme}.png"
                page.screenshot(path=shot, full_page=True)
                assert shot.stat().st_size > 10_000


def test_nothing_moves_while_a_page_arrives_in_pieces(browser: Browser, built: Path) -> None:
    with served_slowly(built) as address, opened(browser, offline=False) as seen:
        for name in PAGES:
            seen.page.goto(f"{address}/{name}")
            seen.page.wait_for_timeout(50)
            assert seen.page.evaluate("window.shift") == [], name
        assert seen.complaints == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_serious_finding_of_axe(browser: Browser, built: Path, dark: bool) -> None:
    for name in PAGES:
        for width in (1280, 390):
            with opened(browser, width=width, dark=dark, trusted=True) as seen:
                page = seen.go(built / name)
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                violations = Axe().run(page).response["violations"]
            found = [
                (one["id"], one["nodes"][0]["html"][:200])
                for one in violations
                if one["impact"] in SERIOUS
            ]
            assert found == [], f"{name} at {width} pixels"


def test_charts_have_data(browser: Browser, built: Path, results: Path) -> None:
    with opened(browser) as seen:
        page = seen.go(built / f"models/{NAME}.html")
        for index, job in enumerate(_in_order(results)):
            page.locator("[role=tab]").nth(index).click()
            panel = page.locator(".panel.open")
            assert panel.count() == 1
            frames = panel.locator(".flame rect")
            steps = len(job.evidence.layers)
            assert frames.count() >= 1 + 2 * steps, "a root, each layer, its functions"
            boxes = [frames.nth(at).bounding_box() for at in range(frames.count())]
            assert all(box is not None and box["width"] > 0 for box in boxes)
            blocks = panel.locator(".picture rect.block:has(title)")
            assert blocks.count() == len(job.evidence.buffers)
            assert panel.locator(".picture rect.peak").count() == 1
            rows = panel.locator(f"#{_anchor(page, index)}-layers ~ .scroll tbody tr")
            assert rows.locator("th").all_inner_texts() == list(job.evidence.layers)
        page = seen.go(built / "history.html")
        assert page.locator(".strip .line").count() == len(BOARDS) + 1
        assert page.locator(".strip circle").count() == 1
        labels = page.locator(".axis text").evaluate_all(
            "(all) => all.map((e) => e.firstChild.data)"
        )
        ends = [COMMITS[0][:8], COMMITS[-1][:8]]
        assert labels == [ends[0], COMMITS[2][:8], ends[1], *ends]
        ranges = [one.split() for one in page.locator(".range").all_inner_texts() if one]
        assert ranges == [["1,001", "1,000"], ["1,000"], ["0.55", "0.5"]]


def _in_order(results: Path) -> list:  # type: ignore[type-arg]
    """The jobs as the page has them: the plain ones first."""
    return sorted(jobs_of(results), key=lambda job: (job.evidence.job.options, job.record.board))


def _anchor(page: Page, index: int) -> str:
    return str(page.locator("[role=tab]").nth(index).get_attribute("aria-controls"))


def test_every_chart_has_its_table(browser: Browser, built: Path) -> None:
    with opened(browser) as seen:
        for name in PAGES:
            page = seen.go(built / name)
            for figure in page.locator("figure").all():
                beside = figure.locator("xpath=following-sibling::details[1] | .//details")
                assert beside.locator("table").count() >= 1, f"{name}: a chart without a table"


def test_links_lead_somewhere(browser: Browser, built: Path) -> None:
    ids: dict[Path, set[str]] = {}
    links: list[tuple[str, Path, str]] = []
    with opened(browser, scripts=False) as seen:
        for name in PAGES:
            page = seen.go(built / name)
            found = [one.get_attribute("id") for one in page.locator("[id]").all()]
            assert len(found) == len(set(found)), f"{name} has an id twice"
            ids[(built / name).resolve()] = {str(one) for one in found}
            for anchor in page.locator("a[href]").all():
                href = str(anchor.get_attribute("href"))
                parts = urlsplit(href)
                assert not parts.scheme and not parts.netloc, href
                target = (built / name).parent / unquote(parts.path) if parts.path else built / name
                links.append((href, target.resolve(), parts.fragment))
    assert len(links) > 40
    for href, target, fragment in links:
        assert target.is_file(), href
        assert not fragment or fragment in ids[target], href


def test_the_keyboard_is_enough(browser: Browser, built: Path) -> None:
    with opened(browser) as seen:
        page = seen.go(built / f"models/{NAME}.html")
        page.keyboard.press("Tab")
        assert focused(page)["text"] == "Skip to content"
        assert focused(page)["top"] >= 0, "the skip link shows once it has the focus"
        walked = []
        for _ in range(12):
            page.keyboard.press("Tab")
            now = focused(page)
            assert now["outline"] >= 2, f"nobody sees the focus on {now['text']!r}"
            walked.append(now["text"])
        assert walked[:7] == [
            "Tinyrig",
            "Overview",
            "Compare",
            "History",
            "Papers",
            "Environment",
            "Theme: auto",
        ]
        page.locator("[role=tab]").first.focus()
        for key, index in (("ArrowRight", 1), ("End", 2), ("ArrowRight", 0), ("ArrowLeft", 2)):
            page.keyboard.press(key)
            chosen = page.locator("[role=tab][aria-selected=true]")
            assert chosen.count() == 1
            assert chosen.inner_text() == page.locator("[role=tab]").nth(index).inner_text()
            assert page.locator(".panel:visible").get_attribute("id") == _anchor(page, index)
        page.keyboard.press("Tab")
        page.locator("summary:visible").first.focus()
        page.keyboard.press("Enter")
        assert page.locator(".panel.open details").first.get_attribute("open") is not None


def focused(page: Page) -> dict:  # type: ignore[type-arg]
    return page.evaluate(  # type: ignore[no-any-return]
        """() => {
          const one = document.activeElement, style = getComputedStyle(one);
          return {text: one.innerText, top: one.getBoundingClientRect().top,
                  outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)};
        }"""
    )


def test_the_theme_is_chosen_and_kept(browser: Browser, built: Path) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, dark=True) as seen:
        page = seen.go(built / "index.html")
        dark = page.evaluate(colour)
        button = page.get_by_role("button", name="Theme")
        button.click()
        assert button.inner_text() == "Theme: light"
        light = page.evaluate(colour)
        assert light != dark
        page = seen.go(built / "history.html")
        assert page.evaluate(colour) == light
        button.click()
        assert page.evaluate(colour) == dark


def test_a_link_to_a_part_opens_its_board(browser: Browser, built: Path) -> None:
    with opened(browser) as seen:
        page = seen.go(built / f"models/{NAME}.html", f"#{BOARDS[1]}-kernels")
        assert page.locator(".panel:visible").get_attribute("id") == BOARDS[1]
        top = page.locator(f"#{BOARDS[1]}-kernels").bounding_box()
        assert top is not None and 0 <= top["y"] < 900


def test_without_scripts_everything_is_there(browser: Browser, built: Path) -> None:
    with opened(browser, scripts=False) as seen:
        page = seen.go(built / f"models/{NAME}.html")
        assert page.locator(".panel:visible").count() == 3


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_names_are_only_text(browser: Browser, hostile: Path, width: int) -> None:
    pages = sorted(hostile.rglob("*.html"))
    assert len(pages) == 7
    with opened(browser, width=width) as seen:
        for path in pages:
            page = seen.go(path)
            page.wait_for_timeout(20)
            assert page.evaluate("window.hacked") is None
            assert page.locator("img").count() == 0
            assert overflow(page) <= 0, f"{path.name} is wider than {width} pixels"
        assert seen.complaints == []
        assert all(url.startswith(hostile.as_uri()) for url in seen.requests)
