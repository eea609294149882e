"""A repository of somebody else, from its first model on, by the script that the action calls."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli.onnx_files import Shape, quantized, write
from github.scripts import ROOT, script

from tinyrig.suite.cli.app import execute
from tinyrig.suite.gate.environment import installed_version

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(
        not (ROOT / ".git").exists(),
        reason="The tests are not in a git clone: git clone the project.",
    ),
]

_OLDER = "0.16.0"
_WORKFLOW = """\
on: pull_request
jobs:
  gate:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: somebody/tinyrig/.github/actions/regression-gate@{ref}
"""


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


class Theirs:
    """A repository that gates its models, and the answer of the last gate."""

    def __init__(self, folder: Path, rig: Path) -> None:
        self.folder, self._rig = folder / "theirs", rig
        self.out, self._summary = folder / "out", folder / "summary"
        self.folder.mkdir()
        git(self.folder, "init", "--quiet")
        (self.folder / "README").write_text("Nothing yet.\n")
        self.commit()

    def model(self, shape: Shape) -> None:
        (self.folder / "nets").mkdir(exist_ok=True)
        write(self.folder / "nets" / "small.onnx", quantized(shape))

    def workflow(self, ref: str) -> None:
        path = self.folder / ".github" / "workflows" / "gate.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_WORKFLOW.format(ref=ref))

    def commit(self) -> None:
        git(self.folder, "add", ".")
        git(self.folder, "commit", "--quiet", "-m", "step")

    def gate(self) -> tuple[int, str, str]:
        """Return the exit code of the newest commit's gate, its summary, and all it said."""
        self._summary.unlink(missing_ok=True)
        done = script(
            "model-gate",
            folder=self.folder,
            BASE="HEAD~1",
            RIG=str(self._rig),
            OUTPUT=str(self.out),
            GITHUB_STEP_SUMMARY=str(self._summary),
        )
        said = done.stdout + done.stderr
        assert self._summary.exists(), said
        return done.returncode, self._summary.read_text(encoding="utf-8"), said

    def answer(self, name: str) -> str:
        return (self.out / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def refs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, str]:
    """A clone of the rig; its commit, one with another compiler, one with one that is not there."""
    clone = tmp_path_factory.mktemp("rig") / "clone"
    git(ROOT, "clone", "--quiet", str(ROOT), str(clone))
    found = [git(clone, "rev-parse", "HEAD")]
    pins = (clone / "pyproject.toml").read_text()
    for version in (_OLDER, "0.0.9"):
        there = pins.replace(f"ziglang=={installed_version('ziglang')}", f"ziglang=={version}")
        (clone / "pyproject.toml").write_text(there)
        git(clone, "commit", "--quiet", "-a", "-m", "Another compiler")
        found.append(git(clone, "rev-parse", "HEAD"))
    here, older, none = found
    return clone, here, older, none


def test_from_the_first_model_on(tmp_path: Path, refs: tuple[Path, str, str, str]) -> None:
    rig, here, older, none = refs
    theirs = Theirs(tmp_path, rig)

    # Add: nothing to compare with, so the figures alone.
    theirs.model(Shape(width=4))
    theirs.workflow(older)
    assert execute(["init", str(theirs.folder)]) == 0
    theirs.commit()
    code, summary, _ = theirs.gate()
    assert code == 0
    assert "measured only" in summary and "milliseconds" in summary and "peak RAM" in summary

    # Worsen: it fails, in every form of the answer.
    theirs.model(Shape(width=24))
    theirs.commit()
    code, summary, _ = theirs.gate()
    assert code == 1
    assert "Tinyrig gate: failed" in summary and "#### Figures" in summary
    worse = {
        figure["metric"]
        for figure in json.loads(theirs.answer("gate.json"))["figures"]
        if figure["fails"]
    }
    assert worse >= {"instructions", "flash"}
    suite = ElementTree.fromstring(theirs.answer("gate.xml"))
    assert suite.get("failures") == str(len(worse) + 1)
    (run,) = json.loads(theirs.answer("gate.sarif"))["runs"]
    assert {result["ruleId"] for result in run["results"]} == worse

    # Bump the pin: the base is measured by the Tinyrig, and the compiler, that it names.
    theirs.workflow(here)
    theirs.commit()
    code, summary, said = theirs.gate()
    if code == 5 and _OLDER in summary:
        pytest.skip(f"needs: pip download ziglang=={_OLDER}")
    report = json.loads(theirs.answer("gate.json"))
    assert report["base"] == f"base, by Tinyrig {older}", said
    assert (code == 0) == (not any(figure["fails"] for figure in report["figures"]))
    tools = {
        json.loads(path.read_text())["toolchain"]["version"]
        for side in ("base", "head")
        for path in (theirs.out / side).glob("*/record.json")
    }
    assert tools == {_OLDER, installed_version("ziglang")}
    assert "all equal" not in summary

    # A pin that cannot be had is no equality either.
    theirs.workflow(none)
    theirs.commit()
    theirs.workflow(here)
    theirs.commit()
    code, summary, _ = theirs.gate()
    assert code == 5
    assert "ziglang==0.0.9" in summary and "was not measured" in summary

    # Repair: smaller again, told with figures.
    theirs.model(Shape(width=4))
    theirs.commit()
    code, summary, _ = theirs.gate()
    assert code == 0
    assert "Tinyrig gate: passed" in summary and "better" in summary and "#### Figures" in summary

    # A base that is broken holds nothing up.
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    (theirs.folder / "nets" / "small.onnx").write_text(pointer)
    theirs.commit()
    code, summary, _ = theirs.gate()
    assert code == 2
    assert "no answer" in summary and "Git LFS pointer" in summary
    theirs.model(Shape(width=4))
    theirs.commit()
    code, summary, _ = theirs.gate()
    assert code == 0
    assert "base not measurable: head only" in summary and "instructions" in summary
