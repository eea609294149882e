"""Kernels that buy cycles with scratch: taken while they are permitted and fit."""

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


def _plan(length: int, *, large: bool = True, optimize: str = "cycles") -> Plan:
    b = GraphBuilder(5)
    q, k, v = (b.input((1, length, 32)) for _ in range(3))
    graph = b.graph([b.attention(q, k, v)])
    options = replace(ALL, large_scratch=large, optimize=optimize)  # type: ignore[arg-type]
    return cheapest_plan(graph, _BOARD, options=options)


def _kernels(plan: Plan) -> set[str]:
    return {step.kernel.name for step in plan.steps}


@pytest.mark.parametrize("optimize", ["cycles", "balanced", "none"])
def test_large_scratch_is_taken_where_it_is_permitted(optimize: str) -> None:
    wide, narrow = (_plan(81, large=large, optimize=optimize) for large in (True, False))
    assert _kernels(wide) == {"tr_attention_s8_w16_3x2__m4"}
    assert _kernels(narrow) == {"tr_attention_s8_3x2__m4"}
    assert wide.clean.size > narrow.clean.size


def test_least_ram_does_without_large_scratch() -> None:
    assert _kernels(_plan(81, optimize="ram")) == {"tr_attention_s8_3x2__m4"}


@pytest.mark.parametrize("optimize", ["cycles", "balanced", "none"])
def test_large_scratch_that_does_not_fit_is_left_out(optimize: str) -> None:
    length = _ROOM // 230  # bytes a key: 170 with keys and values as they are, 298 widened
    plan = _plan(length, optimize=optimize)
    assert _kernels(plan) == {"tr_attention_s8_3x2__m4"}
    assert plan.clean.size == _plan(length, large=False).clean.size


def test_what_fits_in_no_way_is_refused() -> None:
    with pytest.raises(FitError):
        _plan(_ROOM // 128)
