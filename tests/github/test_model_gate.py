"""The script of the reusable action, on a model in a repository of somebody else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from cli.onnx_files import Shape, quantized, write
from github.scripts import script

BOARD = "stm32f427"


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, shape: Shape | None) -> None:
    """Commit a model in `nets/`, or none."""
    (folder / "nets").mkdir(exist_ok=True)
    (folder / "nets" / "README").write_text(str(shape))
    if shape is not None:
        write(folder / "nets" / "small.onnx", quantized(shape))
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "step")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    git(folder, "init", "--quiet")
    return folder


def gate(repository: Path, **variables: str):
    said = repository.parent / "said"
    said.unlink(missing_ok=True)
    return script(
        "model-gate",
        folder=repository,
        MODEL="nets/small.onnx",
        BOARDS=BOARD,
        OUTPUT=str(repository.parent / "out"),
        GITHUB_OUTPUT=str(said),
        GITHUB_STEP_SUMMARY=str(repository.parent / "summary"),
        **variables,
    )


def test_a_model_that_costs_more_fails_and_is_told(repository: Path) -> None:
    commit(repository, Shape(width=4))
    commit(repository, Shape(width=24))
    folder = repository.parent
    for side in ("head", "base"):
        (folder / "out" / side / "earlier").mkdir(parents=True)
        (folder / "out" / side / "earlier" / "record.json").write_text("not of this answer")
    done = gate(repository, BASE="HEAD~1")
    assert done.returncode == 1, done.stderr
    assert "Tinyrig gate: failed" in (folder / "summary").read_text()
    assert (folder / "out" / "gate.md").read_text() == (folder / "summary").read_text()
    assert "milliseconds, modelled" in (folder / "summary").read_text().split("#### Figures")[1]
    figures = json.loads((folder / "out" / "gate.json").read_text())["figures"]
    assert {figure["metric"] for figure in figures if figure["fails"]} >= {"instructions", "flash"}
    assert (folder / "said").read_text() == "passed=false\n"
    worktrees = subprocess.run(
        ["git", "worktree", "list"], cwd=repository, capture_output=True, text=True, check=True
    )
    assert worktrees.stdout.count("\n") == 1


@pytest.mark.night
def test_a_new_model_is_measured_and_may_be_the_baseline(repository: Path) -> None:
    commit(repository, None)
    commit(repository, Shape())
    done = gate(repository, BASE="HEAD~1")
    assert done.returncode == 0, done.stderr
    assert "measured only" in done.stdout
    (repository.parent / "out" / "head").rename(repository / "baseline")

    assert gate(repository, BASELINE="baseline").returncode == 0
    assert (repository.parent / "said").read_text() == "passed=true\n"

    (repository / "policy").mkdir()
    (repository / "policy" / "budgets.toml").write_text(
        f'["small.onnx".{BOARD}]\npeak_ram = 1\nflash = 99999\ninstructions = 999999\n'
    )
    assert gate(repository, BASELINE="baseline", POLICY="policy").returncode == 1
    assert "over budget" in (repository.parent / "summary").read_text()


@pytest.mark.night
def test_a_change_does_not_loosen_its_own_gate(repository: Path) -> None:
    (repository / "policy").mkdir()
    rules = repository / "policy" / "tolerances.toml"
    rules.write_text("[default]\ninstructions = 1\n")
    commit(repository, Shape(width=4))
    every = ("instructions", "cycles", "peak_ram", "arena", "stack", "flash", "output_error")
    rules.write_text("[default]\n" + "".join(f"{metric} = 100000\n" for metric in every))
    commit(repository, Shape(width=24))
    assert gate(repository, BASE="HEAD~1", POLICY="policy").returncode == 1
    # Merged, the same rules let the same change pass.
    commit(repository, Shape(width=4))
    commit(repository, Shape(width=24))
    assert gate(repository, BASE="HEAD~1", POLICY="policy").returncode == 0


def test_a_baseline_or_policy_that_is_nowhere_is_no_pass(repository: Path) -> None:
    commit(repository, Shape())
    for named in ({"BASELINE": "basline"}, {"POLICY": "polcy", "BASE": "HEAD"}):
        done = gate(repository, **named)
        assert done.returncode == 2, done.stderr
        assert "There is no folder" in (repository.parent / "summary").read_text()


def test_a_model_that_is_no_model_is_told(repository: Path) -> None:
    commit(repository, Shape())
    (repository / "nets" / "small.onnx").write_bytes(b"nothing")
    done = gate(repository, BASE="HEAD")
    assert done.returncode == 2
    assert "small.onnx" in done.stdout + done.stderr
    said = (repository.parent / "summary").read_text()
    assert "no answer" in said and "small.onnx" in said


@pytest.mark.night
def test_a_base_that_cannot_be_measured_does_not_hold_up_its_repair(repository: Path) -> None:
    commit(repository, Shape())
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    (repository / "nets" / "small.onnx").write_text(pointer)
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "a pointer")
    commit(repository, Shape())
    done = gate(repository, BASE="HEAD~1")
    assert done.returncode == 0, done.stderr
    said = (repository.parent / "summary").read_text()
    assert "base not measurable: head only" in said
    assert "Git LFS pointer" in said
    assert "instructions" in said, "the head's figures"
    assert "all equal" not in said
