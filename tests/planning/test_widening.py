"""Which layers are widened first, and that flash is spent once."""

from __future__ import annotations

import numpy as np
from chain.graph_builder import GraphBuilder

from generator.options import ALL
from generator.passes.pipeline import run_passes
from generator.planning.binding.dispatch import bind
from generator.planning.board import load_board
from generator.planning.layout import lay_out
from generator.planning.widening import Choice, narrow_choice, widen

BOARD = load_board("stm32f427")


def choices(*executions: int) -> list[Choice]:
    """One linear layer, as if it were executed so many times in each place."""
    builder = GraphBuilder(3)
    graph = run_passes(builder.graph([builder.linear(builder.input((9, 64)), 32)]))
    (step,) = lay_out(graph, ALL).steps
    calls = bind(graph, step)
    return [narrow_choice(calls, times, BOARD.isa) for times in executions]


def widened(found: list[Choice], room: int) -> list[bool]:
    return [new is not old for new, old in zip(widen(found, BOARD.isa, room), found, strict=True)]


def extra_bytes() -> int:
    (narrow,) = choices(1)
    (wide,) = widen([narrow], BOARD.isa, 10**9)
    assert wide is not narrow
    return wide.weight_bytes - narrow.weight_bytes


def test_the_layer_that_saves_most_for_its_bytes_comes_first() -> None:
    need = extra_bytes()
    assert widened(choices(1, 5, 3), need) == [False, True, False]
    assert widened(choices(1, 5, 3), 2 * need) == [False, True, True]


def test_of_equal_layers_the_first_comes_first() -> None:
    assert widened(choices(2, 2), extra_bytes()) == [True, False]


def test_room_is_enough_to_the_byte_and_spent_once() -> None:
    need = extra_bytes()
    assert widened(choices(1), need) == [True]
    assert widened(choices(1), need - 1) == [False]
    assert widened(choices(1, 1), 2 * need - 1) == [True, False]
    assert np.count_nonzero(widened(choices(1, 1, 1), 3 * need)) == 3
