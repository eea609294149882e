"""Folding a table into the operator before it changes no byte."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder
from chain.random_graphs import random_graphs
from hypothesis import given, settings
from passes.comparing import answers, check_equal, ops

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.passes.fuse_activation import fuse_activation


@settings(max_examples=40)
@given(graph=random_graphs(steps=8))
def test_random_graphs_answer_the_same(graph: Graph) -> None:
    check_equal(graph, fuse_activation(graph))


def _producer(b: GraphBuilder, kind: str) -> str:
    if kind == "linear":
        return b.linear(b.input((1, 5, 7)), 6)
    if kind == "matmul":
        return b.matmul(b.input((1, 5, 7)), b.input((1, 7, 4)))
    window = Window(kernel=(1, 3), strides=(1, 1), pads=(0, 1, 0, 1))
    return b.conv(b.input((1, 4, 9)), 6, window)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["linear", "matmul", "conv"])
def test_tables_of_a_chain_become_one(kind: str, seed: int) -> None:
    b = GraphBuilder(seed)
    graph = b.graph([b.unary(b.unary(b.unary(_producer(b, kind))))])
    after = fuse_activation(graph)
    assert ops(after) == [kind]
    check_equal(graph, after)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("bounds", [(-128, 127), (0, 127), (-20, 60), (5, 5), (-128, -128)])
def test_a_clamp_costs_no_table(bounds: tuple[int, int], seed: int) -> None:
    """Relu and Clip that keep the affine go into the requantisation's own clamp."""
    b = GraphBuilder(seed)
    y = b.unary(b.linear(b.input((1, 5, 7)), 6))
    linear, unary = b.nodes
    clamp = np.clip(np.arange(-128, 128), *bounds).astype(np.int8)
    b.nodes = [replace(linear, lut=None), replace(unary, lut=clamp)]
    graph = b.graph([y])
    after = fuse_activation(graph)
    (fused,) = after.nodes
    assert fused.lut is None
    check_equal(graph, after)


def test_a_result_somebody_else_reads_is_not_folded() -> None:
    b = GraphBuilder(1)
    y = b.linear(b.input((1, 5, 7)), 6)
    graph = b.graph([b.unary(y), b.layernorm(y)])
    assert ops(fuse_activation(graph)) == ["linear", "unary", "layernorm"]


def test_an_output_is_not_folded() -> None:
    b = GraphBuilder(2)
    y = b.linear(b.input((1, 5, 7)), 6)
    graph = b.graph([y, b.unary(y)])
    assert ops(fuse_activation(graph)) == ["linear", "unary"]
    assert set(answers(fuse_activation(graph))) == set(graph.outputs)


def test_a_table_after_no_product_stays() -> None:
    b = GraphBuilder(3)
    graph = b.graph([b.unary(b.layernorm(b.input((1, 5, 7))))])
    assert ops(fuse_activation(graph)) == ["layernorm", "unary"]
