"""A mutant counts as killed only by tests that are green without it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from github.scripts import ROOT

_TESTS = """
from pathlib import Path
from sound import add

def test_green():
    with Path({runs!r}).open("a") as runs:
        runs.write(f"{{add(1, 2)}} ")
    assert add(1, 2) == 3

def test_red():
    assert add(1, 2) == 4
"""


def entry(name: str, new: str, tests: str) -> str:
    return (
        f'[[mutant]]\nid = "{name}"\nfile = "sound.py"\nold = "a + b"\nnew = "{new}"\n'
        f'tests = ["tests", "-k", "{tests}"]\n'
    )


def run(folder: Path, *entries: str) -> tuple[int, list[str]]:
    """Break a small tree that has the script; return its exit code and lines."""
    (folder / ".ci").mkdir(parents=True)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / ".ci" / "mutants", folder / ".ci")
    (folder / "sound.py").write_text("def add(a, b):\n    return a + b\n")
    tests = _TESTS.format(runs=str(folder.parent / "runs"))
    (folder / "tests" / "test_sound.py").write_text(tests)
    (folder / "tests" / "mutants.toml").write_text("\n".join(entries))
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    done = subprocess.run(
        [sys.executable, folder / ".ci" / "mutants"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()


def test_red_without_a_break_is_told_and_green_is_seen_once(tmp_path: Path) -> None:
    code, lines = run(
        tmp_path / "tree",
        entry("noticed", "a - b", "green"),
        entry("unseen", "b + a", "green"),
        entry("red", "a - b", "red"),
    )
    assert code == 1
    assert lines == [
        "killed    noticed: sound.py",
        "SURVIVES  unseen: sound.py",
        "UNSOUND (1) red: sound.py",
        "3 mutants, 1 survive, 1 have tests that are not green",
    ]
    assert (tmp_path / "runs").read_text().split() == ["3", "-1", "3"]


def test_all_killed_is_well(tmp_path: Path) -> None:
    code, lines = run(tmp_path / "tree", entry("noticed", "a - b", "green"))
    assert code == 0
    assert lines[-1] == "1 mutants, 0 survive, 0 have tests that are not green"


def test_every_break_finds_its_place() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "mutants", "--aimed"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
