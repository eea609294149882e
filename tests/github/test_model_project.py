"""The project of one model from a file, whatever its name, and what the action says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from github.scripts import script

from tinyrig.suite.files.project import load_project


@pytest.mark.parametrize(
    "model", ["small.onnx", "\U0001f600.onnx", "a\\b\"c'.onnx", "\x7f\x01\n.onnx", "ü\u2028.onnx"]
)
def test_any_name_comes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    (tmp_path / "tree" / "nets").mkdir(parents=True)
    path = tmp_path / "project.toml"
    words = (path, tmp_path / "tree", f"nets/{model}")
    said = {
        "BOARDS": "stm32f427 stm32h743",
        "TOOLCHAIN": "gcc",
        "OPTIONS": "attention=layerwise",
        "OPTIMIZE": "ram",
        "CALIBRATION": "data/some.npz",
    }
    done = script("model_project.py", *words, folder=tmp_path / "tree", **said)
    assert done.returncode == 0, done.stderr
    monkeypatch.chdir(tmp_path / "tree" / "nets")
    project = load_project(path)
    assert (project.boards, project.toolchain) == (("stm32f427", "stm32h743"), "gcc")
    assert project.options == ("attention=layerwise", "optimize=ram")
    (found,) = project.model
    assert (found.file, found.calibration, found.data) == (model, "../data/some.npz", None)


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    words = (tmp_path / "p.toml", tmp_path / "work", "\udcff.onnx")
    done = script("model_project.py", *words, folder=tmp_path / "work")
    assert done.returncode == 2
    assert "is not UTF-8" in done.stderr and done.stderr.count("\n") == 1
