"""The matrix of one model from a file, whatever its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from github.scripts import script

from tinyrig.suite.bench.matrix import load_matrix


@pytest.mark.parametrize(
    "model", ["small.onnx", "\U0001f600.onnx", "a\\b\"c'.onnx", "\x7f\x01\n.onnx", "ü\u2028.onnx"]
)
def test_any_name_comes_through(tmp_path: Path, model: str) -> None:
    (tmp_path / "work").mkdir()
    path = tmp_path / "work" / "matrix.toml"
    done = script("model_matrix.py", path, model, "zig", "stm32f427", folder=tmp_path / "work")
    assert done.returncode == 0, done.stderr
    (job,) = load_matrix("gate", path=path)
    assert (job.model, job.board) == (model, "stm32f427")


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    words = (tmp_path / "m.toml", "\udcff.onnx", "zig", "stm32f427")
    done = script("model_matrix.py", *words, folder=tmp_path / "work")
    assert done.returncode == 2
    assert "is not UTF-8" in done.stderr and done.stderr.count("\n") == 1
