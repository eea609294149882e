"""Every plan the planner makes passes: zoo, boards, options, random graphs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain.random_graphs import random_graphs
from chain.test_random_graphs import options
from hypothesis import given, settings
from hypothesis import strategies as st
from verify.plans import fault, plan_graph, zoo_plan

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options, parse_options
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.generator.planning.cheapest import permits
from tinyrig.suite.models.zoo import zoo_names

SWITCHES = {
    "none": (["none"], []),
    "layer-wise": (["all", "attention=layerwise"], []),
    "depth-first": (["all", "attention=depth-first", "large-scratch"], []),
    "whole layers": (["all"], ["mlp-streaming", "conv-streaming"]),
    "in place alone": (["none", "in-place", "token-overwriting", "arena=head-tail"], []),
    "copied weights": (["all", "weights-in-ram"], []),
    "least RAM": (["optimize=ram"], []),
    "fewest cycles": (["optimize=cycles"], []),
    "least flash": (["optimize=flash"], []),
    "all that is said": (["optimize=none"], []),
    "streamed input": (["all", "input-streaming"], []),
}


def passes(model: str, board: str, options: Options = ALL) -> None:
    try:
        plan = zoo_plan(model, board, options)
    except FitError:
        return
    assert fault(plan) == ""


@pytest.mark.parametrize("board", board_names())
@pytest.mark.parametrize("model", ["ecgformer", "tinyvit-digits"])
def test_plans_of_every_board_are_sound(model: str, board: str) -> None:
    passes(model, board)


@pytest.mark.parametrize("model", zoo_names(heavy=False))
def test_plans_of_the_zoo_are_sound(model: str) -> None:
    passes(model, "stm32f427")


@pytest.mark.parametrize("switches", SWITCHES)
@pytest.mark.parametrize("board", ["stm32h743", "gap9"])
def test_plans_under_every_switch_are_sound(board: str, switches: str) -> None:
    options = parse_options(*SWITCHES[switches])
    if not permits(load_board(board), options):
        pytest.skip(f"{board} refuses {switches}")
    for model in ("eegformer-mhsa", "tinyvit-digits"):
        passes(model, board, options)


@settings(max_examples=60)
@given(
    graph=random_graphs(),
    switches=options(),
    board=st.sampled_from(["stm32f427", "stm32h743", "gap9"]),
)
def test_plans_of_random_graphs_are_sound(graph: Graph, switches: Options, board: str) -> None:
    if not permits(load_board(board), switches):
        switches = replace(switches, input_streaming=False)
    assert fault(plan_graph(graph, board, switches)) == ""
