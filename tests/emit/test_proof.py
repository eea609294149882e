"""`tinyrig generate` boots what it writes, and writes nothing that answers wrongly."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli.command import check_refusal, tinyrig
from cli.onnx_files import quantized, write

import tinyrig.suite.cli.generate as command
from tinyrig.generator.emit.project import Project
from tinyrig.generator.planning.plan import Plan


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "model.onnx", quantized())


def spoil(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the generator print one start value of a sum other than it planned."""
    real = command.plan_project

    def spoiled(*arguments: Any, **options: Any) -> tuple[Plan, Project]:
        plan, project = real(*arguments, **options)
        path, text = next(
            (path, text) for path, text in project.files.items() if path.endswith("_tables.c")
        )
        table = re.search(r"int32_t [^{]*\{\s*(-?\d+)", text)
        assert table is not None
        wrong = f"{text[: table.start(1)]}{int(table[1]) + 4000}{text[table.end(1) :]}"
        return plan, replace(project, files={**project.files, path: wrong})

    monkeypatch.setattr(command, "plan_project", spoiled)


def test_what_was_proven_is_told(model: Path) -> None:
    said = tinyrig("generate", model, "-o", model.parent / "project")
    assert said.code == 0, said.err
    line = said.out.splitlines()[0]
    assert re.fullmatch(r"proven: 6 bytes equal on embedded [\d.]+, built by zig [\d.]+", line)


def test_a_wrong_firmware_leaves_no_project(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = model.parent / "project"
    spoil(monkeypatch)
    check_refusal(tinyrig("generate", model, "-o", folder), 1, "'y'", "differ from the reference")
    assert [path.name for path in model.parent.iterdir()] == ["model.onnx"]


def test_a_wrong_firmware_leaves_the_project_there_was(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = model.parent / "project"
    assert tinyrig("generate", model, "--no-prove", "-o", folder).code == 0
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    spoil(monkeypatch)
    assert tinyrig("generate", model, "-o", folder).code == 1
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_without_a_proof_it_is_said(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch)
    said = tinyrig("generate", model, "--no-prove", "-o", model.parent / "project")
    assert said.code == 0
    assert "proven" not in said.out
    (line,) = said.err.splitlines()
    assert "not proven" in line


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs: sudo apt-get install gcc")
def test_a_board_without_an_emulator_is_proven_on_this_machine(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GVSOC_INSTALL_DIR", str(model.parent / "none"))
    said = tinyrig("generate", model, "--board", "gap9", "-o", model.parent / "project")
    assert said.code == 0, said.err
    assert said.out.startswith("proven: 6 bytes equal on this machine, in portable C;")
