"""No layer of a zoo model runs portable C where a board has kernels of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from heavy import ZOO

from tinyrig.generator.options import ALL, Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.generator.planning.search.budget import NO_LIMIT
from tinyrig.generator.planning.search.selection import select
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.streams.ways import Way
from tinyrig.suite.models.case import Case, resolve

# The boards whose limits decide nothing here: what is legal is the instruction sets' alone.
_BOARDS = {tuple(load_board(name).isa): name for name in board_names()}
_GROUPS = (Way("groups", 1), Way("groups", 1 << 16))
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
        space = Space(graph, board, options)
        every = [space.laid(ways) for ways in ({}, *({"attention": way} for way in _GROUPS))]
        chosen = [select(found, NO_LIMIT) for found in every]
        kernels = {kernel for one in chosen if one is not None for kernel in one.kernels}
        assert {kernel.name for kernel in kernels if kernel.isa == "ref"} == set(), board.name
