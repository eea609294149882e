"""What a plan calls its own is no name of a model's tensor, whichever plan it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.graph.planned_names import (
    Numbered,
    bytes_of,
    is_planned,
    numbered,
    numbers_of,
)
from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.suite.models.case import resolve

_PLANS: list[tuple[str, int | None, tuple[str, ...]]] = [
    ("stm32f427", None, ("optimize=none", f"attention={attention}", streaming))
    for attention in ("layerwise", "depth-first", "head-streamed")
    for streaming in ("mlp-streaming", "no-mlp-streaming")
]
_PLANS += [("stm32f427", None, ("optimize=ram",)), ("gap9", None, ()), ("gap9", 5600, ())]


@pytest.mark.parametrize("model", ["encoder", "mhsa"])
@pytest.mark.parametrize(("board", "l1", "words"), _PLANS)
def test_what_a_plan_adds_is_no_tensor_of_the_model(
    model: str, board: str, l1: int | None, words: tuple[str, ...]
) -> None:
    options = parse_options(words, ())
    graph = resolve(model, {"S": 21, "E": 16, "P": 8, "H": 3}).rewritten(options).graph
    plan = cheapest_plan(graph, load_board(board).limited(None, l1), options=options)
    own = set(plan.clean.offsets) | set(plan.schedule.storages)
    own |= set(plan.graph.tensors)
    assert {name for name in own - set(graph.tensors) if not is_planned(name)} == set()
    assert not any(map(is_planned, graph.tensors))


@given(st.sampled_from(["block", "scratch", "tile"]), st.lists(st.integers(0, 99), min_size=1))
def test_numbers_are_read_back(kind: Numbered, numbers: list[int]) -> None:
    name = numbered(kind, *numbers)
    assert is_planned(name)
    assert numbers_of(name, kind) == tuple(numbers)


@pytest.mark.parametrize("name", ["block.out", "scratch", "scratch.", "tile.0.", "scratch.0.rows"])
def test_other_names_have_no_numbers(name: str) -> None:
    assert numbers_of(name, "scratch") == ()


def test_bytes_of_a_part_are_told_apart() -> None:
    names = [bytes_of("a", "rows"), bytes_of("a", "rows", 1), bytes_of("a", "rows", suffix=".rest")]
    assert names == ["a.rows", "a.rows1", "a.rows.rest"]
    assert all(map(is_planned, names))
