"""Results of asv go to a branch, night after night, and none that is there is lost."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from github.scripts import ROOT


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    git(tmp_path, "init", "--quiet", "--bare", "-b", "main", str(folder))
    first = clone(folder, tmp_path / "first")
    (first / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "keep-history", first / ".ci")
    result(first, "milestone")
    git(first, "add", ".")
    git(first, "commit", "--quiet", "-m", "start")
    git(first, "push", "--quiet", "origin", "HEAD:refs/heads/main")
    return folder


def clone(origin: Path, folder: Path) -> Path:
    git(origin.parent, "clone", "--quiet", str(origin), str(folder))
    return folder


def result(folder: Path, name: str, text: str = "{}") -> None:
    path = folder / "results" / "asv" / "emulated" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def keep(folder: Path, what: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / ".ci" / "keep-history", what], capture_output=True, text=True, check=False
    )


def kept(origin: Path) -> set[str]:
    names = git(origin, "ls-tree", "-r", "--name-only", "asv-results").split()
    return {Path(name).stem for name in names}


def test_a_night_adds_to_what_the_nights_before_found(origin: Path, tmp_path: Path) -> None:
    for night in ("one", "two"):
        folder = clone(origin, tmp_path / night)
        assert keep(folder, "get").returncode == 0
        result(folder, night)
        assert keep(folder, "put").returncode == 0
        assert git(folder, "status", "--porcelain", "--untracked-files=no") == ""
        assert keep(folder, "put").returncode == 0, "nothing new makes no commit"
    assert kept(origin) == {"milestone", "one", "two"}
    assert git(origin, "rev-list", "--count", "asv-results") == "2"
    last = clone(origin, tmp_path / "last")
    assert keep(last, "get").returncode == 0
    found = {path.stem for path in (last / "results" / "asv" / "emulated").iterdir()}
    assert found == {"milestone", "one", "two"}


def test_what_another_night_pushed_meanwhile_stays(origin: Path, tmp_path: Path) -> None:
    slow, quick = (clone(origin, tmp_path / name) for name in ("slow", "quick"))
    for folder in (slow, quick):
        assert keep(folder, "get").returncode == 0
    result(quick, "quick")
    assert keep(quick, "put").returncode == 0
    result(slow, "slow")
    assert keep(slow, "put").returncode == 0
    assert kept(origin) == {"milestone", "quick", "slow"}


def test_a_push_that_fails_is_told(origin: Path, tmp_path: Path) -> None:
    folder = clone(origin, tmp_path / "lost")
    result(folder, "one")
    shutil.rmtree(origin)
    assert keep(folder, "put").returncode != 0
    assert keep(folder, "else").returncode == 2
