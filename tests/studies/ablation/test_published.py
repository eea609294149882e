"""The papers' figures beside ours: read whole, on our accounting."""

from __future__ import annotations

import csv
from importlib import resources

import pytest
from studies.memory.plans import case

from tinyrig.generator.errors import InputError
from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.models.zoo import zoo_names
from tinyrig.suite.rig.sizing import Planner, needs_of, roomy_plan
from tinyrig.suite.studies.ablation.published import (
    LAYER_WISE,
    Published,
    allocations,
    beside,
    published_figures,
)
from tinyrig.suite.studies.ablation.variants import as_stated

BOARD = load_board("stm32f427")


def test_every_row_is_read() -> None:
    text = (resources.files("tinyrig.suite.studies.ablation") / "published.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    models = {row["model"] for row in rows}
    assert sum(len(published_figures(model)) for model in models) == len(rows)
    assert {"eegformer-mhsa", "ecgformer-mhsa", "trformer-mhsa"} <= models & set(zoo_names())
    assert all(row["paper"] and row["place"] and row["definition"] for row in rows)


def test_figures_are_the_papers() -> None:
    found = {(f.place, f.scheme): f.value for f in published_figures("ecgformer-mhsa")}
    assert found["Table 3", "MHSA layer-wise"] == 39.0
    assert found["Table 3", "MHSA depth-first"] == 6.3
    assert found["Table 3", "FWSA layer-wise"] == 38.5


def test_ours_is_the_planned_arena() -> None:
    block = case("ecgformer-mhsa")
    figures = published_figures(block.name)
    for one in beside(figures, Planner(block), BOARD):
        if one.value is None or one.published.metric != "peak":
            continue
        options = as_stated(parse_options(one.published.ours, ()))
        needs = needs_of(roomy_plan(block, BOARD, options=options))
        assert one.value == needs.arena / 1000
        assert one.with_weights == (needs.arena + needs.data) / 1000


def figure(metric: str, *ours: str) -> Published:
    return Published("a paper", "Fig. 1", "m", "s", metric, 1.0, "percent", ours, "d")


def test_reduction_is_from_layer_wise() -> None:
    planner = Planner(case("ecgformer-mhsa"))
    depth_first = (*LAYER_WISE, "attention=depth-first")
    same, less = beside(
        [figure("reduction", *LAYER_WISE), figure("reduction", *depth_first)], planner, BOARD
    )
    assert same.value == 0
    assert less.value is not None
    assert 50 < less.value < 100
    assert less.with_weights is None


def test_a_switch_we_lack_has_no_figure() -> None:
    (one,) = beside([figure("peak", "none", "magic")], Planner(case("ecgformer-mhsa")), BOARD)
    assert one.value is None
    with pytest.raises(InputError):
        parse_options(["none", "magic"], ())


def test_allocation_peaks_are_the_arenas() -> None:
    block = case("ecgformer-mhsa")
    for one in allocations(block, BOARD):
        plan = roomy_plan(block, BOARD, options=as_stated(parse_options(one.words, ())))
        assert len(one.steps) == len(plan.steps)
        assert max(taken for _, taken in one.steps) <= plan.clean.size
