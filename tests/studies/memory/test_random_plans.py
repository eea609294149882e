"""Random graphs under random switches: no byte leaves its buffer."""

from __future__ import annotations

import numpy as np
from chain.random_graphs import random_graphs
from chain.test_random_graphs import options
from hypothesis import given, settings

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.studies.memory.compare import compare
from tinyrig.suite.studies.memory.observe import observe
from tinyrig.suite.toolchain.toolchain import load_toolchain

BOARD = load_board("stm32h743")


@settings(max_examples=6)
@given(graph=random_graphs(), switches=options())
def test_no_byte_leaves_its_buffer(graph: Graph, switches: Options) -> None:
    size = sum(graph.tensors[name].elements for name in graph.inputs)
    sample = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8).tobytes()
    plan, _ = plan_project(graph, BOARD, sample, options=switches)
    for seen in observe(plan, backend("embedded"), load_toolchain("zig"), sample):
        compared = compare(plan, seen)
        assert [found for found in compared.findings if found.fault != "untouched"] == []
