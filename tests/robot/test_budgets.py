"""Budgets: the file, and what is over it."""

from pathlib import Path

import pytest

from tinyrig.generator.errors import InputError
from tinyrig.suite.gate.budgets import BOARDS, MODELS, Budget, budgets_text, load_budgets, measure


def test_every_model_and_board_has_a_budget() -> None:
    assert set(load_budgets()) == {(model, board) for model in MODELS for board in BOARDS}


def test_text_and_file_are_each_others_inverse(tmp_path: Path) -> None:
    budgets = {("a-b", "x"): Budget(1, 2, 3), ("a", "y"): Budget(4, 5, 6)}
    path = tmp_path / "budgets.toml"
    path.write_text(budgets_text(budgets), encoding="utf-8")
    assert load_budgets(path) == budgets


@pytest.mark.parametrize("text", ["", "a = 1", "[a]\nb = 2", "[a.b]\nram = 1", "[a", None])
def test_files_that_hold_no_budgets(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "budgets.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    if text == "":
        assert load_budgets(path) == {}
    else:
        with pytest.raises(InputError, match="budgets"):
            load_budgets(path)


def test_excess_names_each_figure_over_its_ceiling() -> None:
    ceiling = Budget(100, 200, 3000)
    assert ceiling.excess(ceiling) == []
    assert ceiling.excess(Budget(99, 0, 3000)) == []
    assert ceiling.excess(Budget(101, 200, 3001)) == [
        "peak_ram is 101, over 100",
        "instructions is 3,001, over 3,000",
    ]


def test_measuring_gives_what_a_run_takes() -> None:
    figures = measure("tinyvit-digits", "stm32f427")
    assert 1000 < figures.peak_ram < figures.flash < figures.instructions
