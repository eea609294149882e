"""Kernels that buy cycles with scratch: taken when asked for and while they fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.errors import FitError
from generator.options import ALL
from generator.planning.board import load_board
from generator.planning.cheapest import cheapest_plan
from generator.planning.plan import Plan
from suite.benchmarks.kernel_graphs import matmul

_BOARD = load_board("stm32f427")
_ROOM = max(_BOARD.arena_capacity(name) for name in _BOARD.layout.arena_regions)
_LARGE = replace(ALL, large_scratch=True)


def _plan(rows: int, columns: int, *, large: bool) -> Plan:
    graph = matmul(rows, 256, columns)
    return cheapest_plan(graph, _BOARD, options=_LARGE if large else ALL)


def _kernels(plan: Plan) -> set[str]:
    return {step.kernel.name for step in plan.steps}


def test_large_scratch_is_taken_when_asked_for() -> None:
    wide, narrow = _plan(84, 32, large=True), _plan(84, 32, large=False)
    assert _kernels(wide) == {"tr_matmul_s8_w16_3x2__m4"}
    assert _kernels(narrow) == {"tr_matmul_s8_3x2__m4"}
    assert wide.clean.size > narrow.clean.size


def test_large_scratch_that_does_not_fit_is_left_out() -> None:
    columns = (_ROOM - 20_000) // 700  # bytes a column: 572 with b as it is, 828 with b widened
    plan = _plan(60, columns, large=True)
    assert _kernels(plan) == {"tr_matmul_s8_3x2__m4"}
    assert not plan.options.large_scratch
    assert plan.clean.size == _plan(60, columns, large=False).clean.size


def test_what_fits_in_no_way_is_refused() -> None:
    with pytest.raises(FitError):
        _plan(60, _ROOM // 256, large=True)
