"""Estimates: what the planner would take, told without making the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tinyrig.generator.errors import FitError
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.estimate import Estimator
from tinyrig.suite.search.mcuformer import McuFormerSpace
from tinyrig.suite.search.space import Frame
from tinyrig.suite.search.tinyformer import TinyFormerSpace

_OPTIONS = replace(ALL, optimize="none")
_SPARE = 12 * 1024
"""Tables that several steps read are stored once, and estimated once a step."""


@pytest.mark.parametrize("of", [TinyFormerSpace, McuFormerSpace])
def test_estimates_are_what_the_plan_takes(of: type[TinyFormerSpace | McuFormerSpace]) -> None:
    space, rng = of(Frame(28, 1, 10)), np.random.default_rng(3)
    board = load_board("stm32f427")
    estimator = Estimator(board, _OPTIONS)
    for _ in range(2):
        graph = space.graph({**space.outer.draw(rng), **space.inner.draw(rng)})
        found, plan = estimator.estimate(graph), cheapest_plan(graph, board, options=_OPTIONS)
        assert (found.ram, found.cycles) == (plan.clean.size, plan.cycles)
        flash = plan.flash_bytes("weights") + plan.flash_bytes("tables")
        assert 0 <= found.flash - flash < _SPARE
        # What was weighed and placed before answers the same.
        assert estimator.estimate(graph) == found


def test_a_limit_of_flash_keeps_weights_narrow() -> None:
    space, rng = McuFormerSpace(Frame(28, 1, 10)), np.random.default_rng(3)
    graph = space.graph({**space.outer.draw(rng), **space.inner.draw(rng)})
    board = load_board("stm32f427")
    wide = Estimator(board, _OPTIONS).estimate(graph)
    narrow = Estimator(board, replace(_OPTIONS, max_flash=wide.flash // 2)).estimate(graph)
    assert narrow.flash < 0.8 * wide.flash
    assert narrow.cycles > wide.cycles


def test_what_fits_no_region_is_refused() -> None:
    space, rng = McuFormerSpace(Frame(480, 3, 10)), np.random.default_rng(3)
    graph = space.graph({**space.outer.draw(rng), **space.inner.draw(rng), "patch": 32})
    with pytest.raises(FitError, match="does not fit board"):
        Estimator(load_board("stm32f427"), _OPTIONS).estimate(graph)
