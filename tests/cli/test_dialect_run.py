"""`tinyrig run` on a model of the integer dialect, with arrays as Deeploy's tests have them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from cli.command import Said, tinyrig
from frontends.dialect_graphs import DialectGraph


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """x / 2 of unsigned bytes, its inputs beside it by names of their own."""
    g = DialectGraph()
    halves = g.shift(g.input("x", (1, 4)), 128, 0, signed=0)
    onnx.save(g.model(halves), tmp_path / "network.onnx")
    np.savez(tmp_path / "inputs.npz", input_0=np.array([[0, 3, 200, 255]]))
    return tmp_path


def _run(files: Path, expected: list[int]) -> Said:
    wanted = files / "outputs.npz"
    np.savez(wanted, output_0=np.array([expected]))
    paths = (files / "network.onnx", "--inputs", files / "inputs.npz", "--expect", wanted)
    return tinyrig("run", *paths)


def test_inputs_and_answers_go_by_their_order(files: Path) -> None:
    said = _run(files, [0, 2, 100, 128])
    assert said.code == 0, said.err
    assert "All 4 numbers are those of" in said.out
    assert "MATCH" in said.out and "the model's own integers" in said.out


def test_another_answer_fails(files: Path) -> None:
    said = _run(files, [0, 2, 100, 127])
    assert said.code == 1
    assert "1 of 4 numbers are not those of" in said.err


def test_a_rounding_that_is_none_is_refused(files: Path) -> None:
    said = tinyrig("run", files / "network.onnx", "--division", "up")
    assert said.code == 2
    assert "--division is 'up'; it is one of floor, rounded." in said.err
