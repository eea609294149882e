"""Kernels that buy cycles with scratch: taken when asked for and while they fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.errors import FitError
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.plan import Plan

_BOARD = load_board("stm32f427")
_ROOM = max(_BOARD.arena_capacity(name) for name in _BOARD.layout.arena_regions)
_LARGE = replace(ALL, large_scratch=True)


def _plan(length: int, *, large: bool) -> Plan:
    b = GraphBuilder(5)
    q, k, v = (b.input((1, length, 32)) for _ in range(3))
    graph = b.graph([b.attention(q, k, v)])
    return cheapest_plan(graph, _BOARD, options=_LARGE if large else ALL)


def _kernels(plan: Plan) -> set[str]:
    return {step.kernel.name for step in plan.steps}


def test_large_scratch_is_taken_when_asked_for() -> None:
    wide, narrow = _plan(81, large=True), _plan(81, large=False)
    assert _kernels(wide) == {"tr_attention_s8_w16_3x2__m4"}
    assert _kernels(narrow) == {"tr_attention_s8_3x2__m4"}
    assert wide.clean.size > narrow.clean.size


def test_large_scratch_that_does_not_fit_is_left_out() -> None:
    length = _ROOM // 230  # bytes a key: 170 with keys and values as they are, 298 widened
    plan = _plan(length, large=True)
    assert _kernels(plan) == {"tr_attention_s8_3x2__m4"}
    assert not plan.options.large_scratch
    assert plan.clean.size == _plan(length, large=False).clean.size


def test_what_fits_in_no_way_is_refused() -> None:
    with pytest.raises(FitError):
        _plan(_ROOM // 128, large=True)
