"""asv's pages with what they load beside them, of packages that lie in a folder."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from tinyrig.generator.errors import InputError
from tinyrig.suite.report.site.asv_pages import asv_files, install_line, known_scripts

pytest.importorskip("asv", reason="asv is missing. Install it with: pip install asv")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A site that asv published, its page as the installed asv has it."""
    folder = tmp_path / "html"
    folder.mkdir()
    page = resources.files("asv") / "www" / "index.html"
    (folder / "index.html").write_bytes(page.read_bytes())
    return folder


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "node_modules"
    for script in known_scripts():
        path = folder / script.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script.name)
    return folder


def test_the_page_of_this_asv_loads_what_is_known(pages: Path, packages: Path) -> None:
    files, problems = asv_files(pages, packages)
    assert problems == ()
    assert b"//" not in files["asv/index.html"].split(b"<body")[0].replace(
        b"http://www.w3.org", b""
    )
    beside = {name.removeprefix("asv/vendor/"): text for name, text in files.items()}
    del beside["asv/index.html"]
    assert b'href="tinyrig.css"></head>' in files["asv/index.html"]
    assert b"prefers-color-scheme: dark" in beside.pop("asv/tinyrig.css")
    assert beside == {one.name: one.name.encode() for one in known_scripts()}


def test_what_is_not_known_is_left_and_told(pages: Path, packages: Path) -> None:
    page = pages / "index.html"
    page.write_text(page.read_text().replace("jquery-3.3.1.min.js", "jquery-3.3.12.min.js"))
    files, problems = asv_files(pages, packages)
    assert b"jquery-3.3.12.min.js" in files["asv/index.html"]
    assert [("jquery-3.3.12" in one, "needs a network" in one) for one in problems] == [
        (True, True)
    ]


def test_without_packages_the_page_stays_and_the_command_is_told(pages: Path) -> None:
    files, (told,) = asv_files(pages, None)
    assert files == {"asv/index.html": (pages / "index.html").read_bytes()}
    assert install_line("FOLDER") in told and "flot@0.8.3" in told


def test_a_package_that_is_missing_is_refused(pages: Path, packages: Path) -> None:
    (packages / "flot" / "jquery.flot.js").unlink()
    with pytest.raises(InputError, match=r"lacks flot/jquery\.flot\.js .*npm install"):
        asv_files(pages, packages)
