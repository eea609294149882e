"""What the record says a GVSoC was built from."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tinyrig.suite.backends.gvsoc_revision import REVISION, sources_of

_WHO = ("-c", "user.name=n", "-c", "user.email=e@example.com")


def repository(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for words in (("init", "-q"), (*_WHO, "commit", "-q", "--allow-empty", "-m", folder.name)):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    head = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    return subprocess.run(head, check=True, capture_output=True, text=True).stdout[:7]


def made(install: Path) -> tuple[Path, ...]:
    install.mkdir(parents=True)
    program = install / "launcher"
    program.write_bytes(b"program")
    return (program,)


@pytest.mark.skipif(shutil.which("git") is None, reason="makes repositories")
def test_the_checkout_an_install_lies_in_names_it(tmp_path: Path) -> None:
    top = tmp_path / "gvsoc"
    own, core, pulp = (repository(folder) for folder in (top, top / "core", top / "pulp"))
    assert sources_of(top / "install", made(top / "install")) == f"{own} core {core} pulp {pulp}"


@pytest.mark.skipif(shutil.which("git") is None, reason="makes repositories")
def test_a_part_that_is_no_repository_has_no_revision(tmp_path: Path) -> None:
    """Its folder would answer with the commit of what lies around it."""
    top = tmp_path / "gvsoc"
    repository(top)
    repository(top / "core")
    (top / "pulp").mkdir()
    assert sources_of(top / "install", made(top / "install")).startswith("of unknown sources")


def test_a_file_of_the_install_names_its_sources_first(tmp_path: Path) -> None:
    programs = made(tmp_path / "install")
    (tmp_path / "install" / REVISION).write_text("209c147  core f3784bc\npulp 748a706\n")
    assert sources_of(tmp_path / "install", programs) == "209c147 core f3784bc pulp 748a706"


def test_unknown_sources_are_said_and_builds_told_apart(tmp_path: Path) -> None:
    programs = made(tmp_path / "install")
    first = sources_of(tmp_path / "install", programs)
    assert first.startswith("of unknown sources, build ")
    assert sources_of(tmp_path / "install", programs) == first
    programs[0].write_bytes(b"another")
    assert sources_of(tmp_path / "install", programs) != first
