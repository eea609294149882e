"""A plan that weighs the waits for weights takes fewer cycles with the board's memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain.boot import prove
from chain.graph_builder import GraphBuilder

from tinyrig.generator.options import ALL
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cycles import model_cycles
from tinyrig.suite.cycles.board_term import with_board_memory
from tinyrig.suite.rig.firmware import Firmware


def _cycles(firmware: Firmware) -> tuple[int, int]:
    """Cycles at zero wait states, and with the board's memory."""
    board = firmware.plan.board
    profile = backend("embedded").run(firmware.clean, board, profile=True).profile
    assert profile is not None and board.operating_point is not None
    zero = model_cycles(profile, firmware.clean, board.core)
    whole = with_board_memory(zero, profile, board.name, board.operating_point)
    return zero.total, whole.total


def test_what_is_weighed_is_what_the_board_takes() -> None:
    """Weights of 16 bits in a cache of half their size are waited for in each of twenty tiles."""
    b = GraphBuilder(7)
    graph = b.graph([b.linear(b.input((60, 64)), 64)])
    weighed, unweighed = (
        prove(graph, "stm32f746", options) for options in (ALL, replace(ALL, cycles="0ws"))
    )
    (zero, whole), (zero_unweighed, whole_unweighed) = _cycles(weighed), _cycles(unweighed)
    assert zero > zero_unweighed
    assert whole < whole_unweighed
    assert weighed.plan.waits == pytest.approx(whole - zero, rel=0.3)
