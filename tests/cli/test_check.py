"""`tinyrig check`: exit codes, words, JSON, and the page of operators kept current."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from cli.command import check_refusal, tinyrig
from cli.onnx_files import Shape, floating, quantized, write

from tinyrig.suite.report.operators_page import operators_page

_PAGE = Path(__file__).parents[2] / "docs" / "operators.md"


def test_a_model_that_runs(tmp_path: Path) -> None:
    said = tinyrig("check", write(tmp_path / "good.onnx", quantized()))
    assert said.code == 0, said.err
    assert said.out.splitlines()[-1] == "good: runs"


def test_obstacles_end_with_2_and_are_saved(tmp_path: Path) -> None:
    model = quantized(replace(Shape(), activation="Det"))
    said = tinyrig("check", write(tmp_path / "bad.onnx", model), "--json", tmp_path / "found.json")
    assert said.code == 2
    assert "Det node 'layer/activation'" in said.out
    assert "Way out: " in said.out
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["runs"] is False
    assert [one["node"] for one in found["obstacles"]] == ["layer/activation"]
    assert all(one["reason"] and one["way_out"] for one in found["obstacles"])


def test_a_float_model_runs_with_calibration(tmp_path: Path) -> None:
    model = write(tmp_path / "float.onnx", floating())
    without = tinyrig("check", model)
    assert (without.code, "--calibration" in without.out) == (2, True)
    samples = np.random.default_rng(1).normal(size=(3, 1, 3, 4)).astype(np.float32)
    np.savez(tmp_path / "samples.npz", x=samples)
    said = tinyrig("check", model, "--calibration", tmp_path / "samples.npz")
    assert said.code == 0, said.out + said.err


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no model")
    check_refusal(tinyrig("check", tmp_path / "text.onnx"), 2, "not an ONNX model")
    check_refusal(tinyrig("check"), 2, "ONNX or TFLite file")


def test_page_of_operators_is_current(tmp_path: Path) -> None:
    said = tinyrig("check", "--operators", tmp_path / "operators.md")
    assert said.code == 0, said.err
    written = (tmp_path / "operators.md").read_text(encoding="utf-8")
    assert written == operators_page()
    assert written == _PAGE.read_text(encoding="utf-8"), (
        "write it with: tinyrig check --operators docs/operators.md"
    )
