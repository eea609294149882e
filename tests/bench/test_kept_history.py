"""Figures of the project's milestones, as asv keeps them: whole, of both cores, of no machine."""

from __future__ import annotations

import json
from pathlib import Path

from tinyrig.suite.report.site.history import Series, read_history

_ROOT = Path(__file__).parents[2]
_KEPT = _ROOT / "results" / "asv"
_BOARDS = {"stm32f427", "stm32f746"}
_PAPERS = ("eegformer", "ecgformer", "trformer")
_FROM_THE_FIRST = {"tinyvit-digits", "encoder", "mhsa", *_PAPERS, *(f"{m}-mhsa" for m in _PAPERS)}
"""Networks every milestone has figures of."""


def series(title: str) -> dict[tuple[str, str], Series]:
    """Return the figures of a name by model and board."""
    found = read_history(_KEPT)
    assert not found.problems
    return {
        (one.subject, one.labels["board"]): one
        for one in found.series
        if one.title == title and one.kind == "model"
    }


def milestones() -> list[str]:
    lines = (_ROOT / ".ci" / "milestones.txt").read_text().splitlines()
    return [line.split()[0] for line in lines if not line.startswith("#")]


def test_every_milestone_is_kept() -> None:
    kept = [one.sha for one in read_history(_KEPT).commits]
    assert len(milestones()) >= 15
    for sha in milestones():
        assert any(one.startswith(sha) for one in kept), sha


def test_every_model_of_the_first_is_there_on_both_cores_ever_since() -> None:
    for title in ("instructions", "peak RAM", "flash", "mismatches"):
        found = series(title)
        for model in _FROM_THE_FIRST:
            for board in _BOARDS:
                assert len(found[model, board].values) >= 15, (title, model, board)
    assert {model for model, _ in found} > _FROM_THE_FIRST, "and others"


def test_kernels_got_faster_and_were_never_wrong() -> None:
    ages = {one.sha: one.date for one in read_history(_KEPT).commits}
    for (model, board), one in series("instructions").items():
        if model in _FROM_THE_FIRST:
            in_order = [one.values[sha] for sha in sorted(one.values, key=lambda sha: ages[sha])]
            assert in_order[-1] < in_order[0] / 3, (model, board)
    for key, one in series("mismatches").items():
        assert set(one.values.values()) == {0}, key


def test_nothing_tells_of_the_machine() -> None:
    for path in _KEPT.glob("emulated/*.json"):
        document = json.loads(path.read_text())
        if path.name == "machine.json":
            assert document == {"machine": "emulated", "version": 1}
        else:
            assert set(document["params"]) == {"machine", "python"}
            assert not (document["env_vars"] or document["durations"])
