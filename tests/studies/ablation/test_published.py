"""The papers' figures beside ours: read whole, on our accounting."""

from __future__ import annotations

import csv
from importlib import resources

import pytest
from studies.memory.plans import case

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.models.zoo import zoo_names
from tinyrig.suite.rig.arena_map import map_arena
from tinyrig.suite.rig.sizing import Planner, needs_of, roomy_plan
from tinyrig.suite.studies.ablation.published import (
    LAYER_WISE,
    Published,
    allocations,
    beside,
    published_figures,
    timed,
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
    assert not any(None in row for row in rows), "a comma that ends no column"


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
    return Published("a paper", "Fig. 1", "m", "s", "a chip", metric, 1.0, "percent", ours, "d")


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


def test_mcuformers_rule_counts_weights_and_the_larger_features() -> None:
    block = case("ecgformer-mhsa")
    sizes = [
        node.weight.shape[0] * node.weight.shape[1]
        + block.graph.tensors[node.inputs[0]].shape[-2] * max(node.weight.shape)
        for node in block.graph.nodes
        if isinstance(node, Linear)
    ]
    (one,) = beside([figure("rule", "all")], Planner(block), BOARD)
    assert one.value == max(sizes) / 1000


def test_the_input_is_left_out_while_it_is_live() -> None:
    block = case("ecgformer-mhsa")
    (one,) = beside([figure("beside", "all")], Planner(block), BOARD)
    plan = roomy_plan(block, BOARD, options=as_stated(parse_options(("all",), ())))
    arena = map_arena(plan, plan.clean)
    without = []
    for step in range(len(arena.steps)):
        bytes_in = {b.offset + n for b in arena.live(step) for n in range(b.extent)}
        inputs = [b for b in arena.live(step) if b.kind == "input"]
        without.append(len(bytes_in) - sum(b.extent for b in inputs))
    assert one.value == max(without) / 1000
    assert 0 < one.value < arena.size / 1000


def test_what_is_taken_is_weighed() -> None:
    block = case("ecgformer-mhsa")
    (one,) = beside([figure("peak", "taken")], Planner(block), BOARD)
    assert one.value == needs_of(roomy_plan(block, BOARD)).arena / 1000


def test_latency_is_what_a_run_tells() -> None:
    found = beside([figure("latency", "all"), figure("peak", "all")], Planner(case()), BOARD)
    assert found[0].value is None
    timed_, peak = timed(found, 0.25)
    assert timed_.value == 0.25
    assert peak == found[1]
