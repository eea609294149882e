"""`tinyrig sparsity`: zeros by block, every form's cost, and what a tenth more buys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from typer.testing import CliRunner

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.cli.app import application
from tinyrig.suite.models.masks import block_mask
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.studies.kernels import graphs
from tinyrig.suite.studies.sparsity.layers import Layer, sparse_layers, zeros


def _graph(sparsity: float) -> Graph:
    graph = graphs.linear(64, 64, 64)
    (node,) = graph.nodes
    assert isinstance(node, Linear)
    dense = np.where(node.weight == 0, np.int8(1), node.weight)
    weight = dense * block_mask(dense, 4, sparsity)
    return replace(graph, nodes=(replace(node, weight=weight),))


def _layer(sparsity: float) -> Layer:
    (layer,) = sparse_layers(cheapest_plan(_graph(sparsity), load_board("stm32f427")))
    return layer


def test_zeros_by_block() -> None:
    rows = np.ones((4, 8), np.int8)
    rows[0, :4], rows[1, :4], rows[2, :2] = 0, 0, 0
    assert zeros(rows) == {"1": 10 / 32, "2": 5 / 16, "2x4": 1 / 4, "4": 2 / 8}


def test_a_layer_tells_what_it_costs_and_would() -> None:
    dense, half = _layer(0.0), _layer(0.5)
    assert (dense.planned, half.planned) == ("dense", "sparse4")
    assert set(half.costs) == {"dense", "sparse2", "sparse4", "sparse2x4"}
    assert half.costs["sparse4"].cycles < half.costs["dense"].cycles
    assert half.more is not None
    assert half.more.cycles < half.costs["sparse4"].cycles
    blocks = round(0.1 * 64 * 16)
    assert half.costs["sparse4"].bytes - half.more.bytes in range(5 * blocks - 5, 5 * blocks + 6)
    assert _layer(0.95).more is None
    assert half.zeros["4"] == 0.5


def test_the_command() -> None:
    done = CliRunner().invoke(application(), ["sparsity", "tinyvit-digits"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "encoders.0.ff.up" in done.output
    assert "as planned" in done.output


def test_a_measured_layer_has_no_bias() -> None:
    """Nothing in, nothing out: else no other library is measured with the same layer."""
    made = graphs.sparse_linear((6, 32, 24), SPARSE_FORMATS["sparse4"], 0.25)
    (name,), (output,) = made.inputs, made.outputs
    x, y = made.tensors[name], made.tensors[output]
    nothing = np.full(x.shape, x.affine.zero_point, np.int8)
    assert x.affine.zero_point != 0
    assert set(run_reference(made, {name: nothing})[output].ravel()) == {y.affine.zero_point}
