"""`tinyrig fit`: the answer in words, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.command import check_refusal, tinyrig

from tinyrig.suite.cli import fit as command

LARGE = ("mhsa", "--S", "136", "--E", "64", "--P", "16", "--H", "8", "--opt", "none")
"""A block whose scores are too large for stm32f746."""


def test_smallest_board_and_what_would_help() -> None:
    said = tinyrig("fit", *LARGE)
    assert said.code == 0, said.err
    assert "The smallest board it fits is stm32h743" in said.out
    assert "On stm32f746 it needs" in said.out
    assert "arena=greedy: arena" in said.out
    assert "then it fits" in said.out


def test_small_models_fit_the_smallest_board() -> None:
    said = tinyrig("fit", "ecgformer-mhsa")
    assert said.code == 0, said.err
    assert "The smallest board it fits is netduinoplus2" in said.out
    assert "too many." not in said.out


def test_fitting_nowhere_is_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "board_names", lambda: ("netduinoplus2",))
    said = tinyrig("fit", *LARGE)
    assert said.code == 3
    assert "It fits no board." in said.out


def test_refusals() -> None:
    check_refusal(tinyrig("fit", "no-such-model"), 2, "no-such-model")
    check_refusal(tinyrig("fit", "ecgformer-mhsa", "--opt", "magic"), 2, "magic")


@pytest.mark.parametrize("board", ["stm32f427", "stm32f746"])
def test_it_agrees_with_a_run(board: str, tmp_path: Path) -> None:
    """The arena to the byte; weights and tables too, but for what aligns sections."""
    fit = tinyrig("fit", "tinyvit-digits", "--json", "-")
    (row,) = [row for row in json.loads(fit.out)["tables"][0]["rows"] if row["board"] == board]
    record = tmp_path / "r.json"
    said = tinyrig("run", "tinyvit-digits", "--board", board, "--json", record)
    assert said.code == 0, said.err
    memory = json.loads(record.read_text())["memory"]
    assert row["arena"] == memory["arena"]
    found = memory["flash_weights"] + memory["flash_tables"]
    assert 0 <= found - row["weights + tables"] <= 16
