"""Searches against one another: what is run once, kept, and said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tinyrig.generator.errors import InputError
from tinyrig.suite.report.study_table import verdict
from tinyrig.suite.search.setting import Effort
from tinyrig.suite.search.study import Result, read_results, run_study, the_study, written

_TINY = Effort(supernets=1, supernet_steps=2, paths=1, trials=2, final_steps=4)


def _result(name: str, seed: int, accuracy: float | None) -> Result:
    return Result("searches", "tinyformer", name, seed, accuracy, 1, 2, 3, 4, 5)


def test_results_are_kept_and_not_made_again(tmp_path: Path) -> None:
    study = the_study()
    rows = tuple(row for row in study.row if row.name in ("composed space", "one DoT"))
    small = replace(
        study, seeds=(1,), effort=dict.fromkeys(("tinyformer", "mcuformer"), _TINY), row=rows
    )
    told: list[str] = []
    found = run_study(small, tmp_path, told.append)
    assert [one.name for one in found] == ["one DoT", "composed space"]
    assert all(one.trials >= 2 for one in found)
    assert any("seed 1" in line for line in told)
    told.clear()
    assert run_study(small, tmp_path, told.append) == found
    assert told == []


def test_results_as_csv() -> None:
    some = [_result("random", 1, 0.5), _result("random", 2, None)]
    assert read_results(written(some)) == some
    with pytest.raises(InputError, match="not those"):
        read_results("table,space\na,b\n")


def test_one_beats_another_when_each_seed_does() -> None:
    own = [_result("paper's", 1, 0.9), _result("paper's", 2, 0.8)]
    below = [_result("random", 1, 0.79), _result("random", 2, None)]
    assert "beats random: +45.5 points" in verdict("tinyformer", own + below)
    level = [_result("random", 1, 0.8), _result("random", 2, 0.1)]
    assert "does not beat random: +40.0 points" in verdict("tinyformer", own + level)
    assert verdict("mcuformer", own) == "Nothing to compare."
