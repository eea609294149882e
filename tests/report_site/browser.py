"""A real browser on a site's files: what it loaded, asked for and complained about."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

INSTALL = "apt-get install -y chromium && pip install playwright axe-playwright-python"
pytest.importorskip("playwright", reason=f"Playwright is missing. Install it with: {INSTALL}")

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

_SHIFTS = """
window.shift = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    window.shift.push(...entry.sources.map(({ node }) => String(node?.outerHTML).slice(0, 99)));
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Seen:
    """A page and what the browser said while it was open."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def go(self, path: Path, fragment: str = "") -> Page:
        """Open a file and wait until it is loaded."""
        self.page.goto(path.resolve().as_uri() + fragment)
        return self.page


def find_chromium() -> str:
    """Return the browser; skip when none is installed."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"Chromium is not installed. Install it with: {INSTALL}")
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the browser without a window."""
    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser,
    *,
    width: int = 1280,
    dark: bool = False,
    scripts: bool = True,
    trusted: bool = False,
    offline: bool = True,
) -> Iterator[Seen]:
    """Open an empty page; `trusted` lets a test's own scripts past the site's policy."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        bypass_csp=trusted,
        offline=offline,
    )
    if scripts:
        context.add_init_script(_SHIFTS)
    seen = Seen(context.new_page())
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("dialog", lambda dialog: seen.complaints.append(dialog.message))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    yield seen
    context.close()


@contextmanager
def served_slowly(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, its pages a piece at a time; yield the address."""

    class Slow(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def copyfile(self, source: Any, outputfile: Any) -> None:
            content = source.read()
            piece = len(content) // 10 if self.path.endswith(".html") else len(content)
            for at in range(0, len(content), piece):
                outputfile.write(content[at : at + piece])
                outputfile.flush()
                time.sleep(0.1)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with _serving(Slow) as address:
        yield address


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; yield the address."""

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with _serving(Quiet) as address:
        yield address


@contextmanager
def _serving(handler: type[SimpleHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
