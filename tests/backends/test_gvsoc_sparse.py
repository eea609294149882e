"""Random sparse layers on the cluster: eight cores of GVSoC give every byte that dense ones do."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Conv, Linear, Node, Window
from tinyrig.generator.options import ALL, Sparse
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.models.masks import Kind, block_mask
from tinyrig.suite.studies.kernels.bench import proven_boot
from tinyrig.suite.toolchain.toolchain import load_toolchain

_DENSITIES = (0.1, 0.3, 0.6, 1.0)


@pytest.fixture(scope="module")
def gvsoc() -> Backend:
    try:
        return backend("gvsoc")
    except MissingToolError as error:
        pytest.skip(str(error))


def _graph(kind: Kind) -> Graph:
    """Convolutions in an image, and linear layers, of panels that eight cores share unevenly."""
    b = GraphBuilder(len(kind))
    image = b.input((1, 6, 9, 7))
    image = b.conv(image, 12, Window(kernel=(3, 3), pads=(1, 1, 1, 1)))
    image = b.conv(image, 20, Window(kernel=(3, 3), strides=(2, 2), pads=(1, 1, 0, 0)))
    image = b.conv(image, 9, Window(kernel=(1, 1)))
    rows = b.linear(b.linear(b.input((61, 30)), 28), 17)
    graph = b.graph([image, rows])
    return graph.rewired([_pruned(node, kind, b.rng) for node in graph.nodes])


def _pruned(node: Node, kind: Kind, rng: np.random.Generator) -> Node:
    assert isinstance(node, Conv | Linear)
    rows = node.weight.reshape(len(node.weight), -1)
    kept = block_mask(rows, 4, 1 - rng.choice(_DENSITIES), kind)
    return replace(node, weight=np.where(kept, rows, np.int8(0)).reshape(node.weight.shape))


@pytest.mark.parametrize("kind", get_args(Kind))
def test_random_sparse_layers_answer_as_dense_ones(gvsoc: Backend, kind: Kind) -> None:
    graph, board, tools = _graph(kind), load_board("gap9"), load_toolchain("zig")
    found = {}
    switches: tuple[Sparse, ...] = ("4", "never")
    for sparse in switches:
        boot, firmware, _ = proven_boot(graph, board, gvsoc, tools, replace(ALL, sparse=sparse))
        names = [step.kernel.name for step in firmware.plan.steps if step.op in ("conv", "linear")]
        assert len(names) == len(graph.nodes)
        assert all((sparse == "4") == name.endswith("_sparse4__xpulp") for name in names)
        found[sparse] = boot.transcript.outputs
    assert found["4"] == found["never"]
