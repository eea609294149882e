"""How surely one plan is faster than another: residuals of what they do not have in common."""

from __future__ import annotations

import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.costs import fitted_costs
from tinyrig.generator.planning.search.doubt import doubt
from tinyrig.generator.planning.search.frontier import Candidate, candidates, schedules
from tinyrig.generator.planning.search.selection import Selection
from tinyrig.generator.planning.search.space import Space

BOARD = load_board("stm32f427")


def _candidate(kernels: dict[int, str]) -> Candidate:
    """Two layers, each with a kernel that is named, or else its fastest."""
    b = GraphBuilder(5)
    graph = b.graph([b.linear(b.linear(b.input((60, 64)), 64), 32)])
    (found, *_) = (one.found for one in candidates(schedules(Space(graph, BOARD, ALL)), None))
    chosen = tuple(
        next(one for one in choices if one.kernel.name == kernels.get(at, one.kernel.name))
        for at, choices in enumerate(found.steps)
    )
    kept = tuple(one.kernel for one in chosen)
    return Candidate(found, Selection(kept, sum(one.cycles for one in chosen), 0, 0))


def _cycles(one: Candidate, at: int) -> int:
    choices = one.found.steps[at]
    return next(each.cycles for each in choices if each.kernel is one.selection.kernels[at])


def test_what_plans_have_in_common_is_in_no_doubt() -> None:
    one = _candidate({})
    assert doubt(one, one, BOARD.core) == 0


def test_kernels_of_one_plan_alone_are_off_by_their_residuals() -> None:
    names = ("tr_linear_s8_3x2__m4", "tr_linear_s8_w16_3x2__m4")
    one, other = (_candidate({0: name, 1: names[0]}) for name in names)
    residual = {name: fitted_costs(BOARD.core)[name].mean / 100 for name in names}
    apart = [residual[name] * _cycles(of, 0) for name, of in zip(names, (one, other), strict=True)]
    expected = pytest.approx((apart[0] ** 2 + apart[1] ** 2) ** 0.5)
    assert doubt(one, other, BOARD.core) == expected == doubt(other, one, BOARD.core)
