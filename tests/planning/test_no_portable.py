"""No layer of a zoo model runs portable C where a board has kernels of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from heavy import ZOO

from tinyrig.generator.options import ALL, Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.generator.planning.layout import lay_out
from tinyrig.generator.planning.plan import choose_kernels
from tinyrig.suite.models.case import Case, resolve

# The boards whose limits decide nothing here: what is legal is the instruction sets' alone.
_BOARDS = {tuple(load_board(name).isa): name for name in board_names()}
_OPTIONS = {
    "all": ALL,
    "unstreamed": replace(ALL, mlp_streaming=False, conv_streaming=False),
    "layerwise": replace(ALL, attention="layerwise"),
}


@cache
def _case(name: str) -> Case:
    return resolve(name, {})


@pytest.mark.parametrize("options", _OPTIONS.values(), ids=_OPTIONS)
@pytest.mark.parametrize("name", ZOO)
def test_every_layer_has_a_kernel_of_the_board(name: str, options: Options) -> None:
    graph = run_passes(_case(name).rewritten(options).graph, options)
    for board in map(load_board, _BOARDS.values()):
        schedules = [lay_out(graph, options, heads) for heads in (None, 1, 1 << 10)]
        steps = [step for one in schedules for step in choose_kernels(graph, board, one, options)]
        assert {step.kernel.name for step in steps if step.kernel.isa == "ref"} == set(), board.name
