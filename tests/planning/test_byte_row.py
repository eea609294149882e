"""Weights of a layer of one row, a byte each: where they may lie so, and where they do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.byte_row import holds_byte_row
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.cheapest import cheapest_plan


def _call(weight: int, start: int, columns: int, rows: int = 1) -> Call:
    weights = Table(np.full((1, columns), weight, np.int8), "weights")
    begin = Table(np.array([start], np.int32), "weights")
    return Call("linear_s8", {"m": rows, "weight": weights, "start": begin}, (), ())


@pytest.mark.parametrize("sign", [-1, 1])
def test_sums_have_a_limit(sign: int) -> None:
    """256 times a sum stays within 32 bits."""
    room = 2**23 - 128 * 128 * 16
    assert holds_byte_row(_call(-128, sign * (room - 1), 16))
    assert not holds_byte_row(_call(-128, sign * room, 16))
    assert not holds_byte_row(_call(1, 0, 16, rows=2))


@pytest.mark.parametrize("board", ["stm32f427", "stm32f746", "stm32h743"])
@pytest.mark.parametrize("cycles", ["0ws", "board"])
def test_layers_of_one_shape_have_weights_as_their_sums_let_them(board: str, cycles: str) -> None:
    b = GraphBuilder(5)
    graph = b.graph([b.linear(b.linear(b.input((1, 528)), 528), 528)])
    first, last = graph.nodes
    assert isinstance(first, Linear) and isinstance(last, Linear)
    weight = np.full_like(last.weight, 127)
    last = replace(last, weight=weight, requant=first.requant, lut=first.lut)
    options = replace(ALL, cycles=cycles)
    plan = cheapest_plan(replace(graph, nodes=(first, last)), load_board(board), options=options)
    assert [step.kernel.pack for step in plan.steps] == ["row8", "row16"]
