"""Random graphs through the whole chain: passes, plan, C, ELF, boot, reference."""

from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest
from chain.boot import prove
from chain.random_graphs import random_graphs
from heavy import NIGHT
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options

BOARD = {"m4": "stm32f427", "m7": "stm32h743"}


@st.composite
def options(draw: st.DrawFn) -> Options:
    hints = get_type_hints(Options)
    chosen: dict[str, Any] = {}
    for entry in fields(Options):
        if hints[entry.name] in (float, int):
            continue  # a share rewrites a float model, and these are integer already; limits refuse
        values = get_args(hints[entry.name]) or (True, False)
        chosen[entry.name] = draw(st.sampled_from(values))
    return Options(**chosen)


@pytest.mark.parametrize("core", BOARD)
@settings(max_examples=25 if NIGHT else 8)
@given(graph=random_graphs(), switches=options())
def test_firmware_answers_as_the_reference(core: str, graph: Graph, switches: Options) -> None:
    prove(graph, BOARD[core], switches)
