"""Layout operators that undo or repeat each other vanish, and nothing else changes."""

from __future__ import annotations

import pytest
from chain.graph_builder import GraphBuilder
from chain.random_graphs import random_graphs
from hypothesis import given, settings
from passes.comparing import check_equal, ops

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Reshape, Transpose
from tinyrig.generator.passes.simplify_layout import simplify_layout


@settings(max_examples=40)
@given(graph=random_graphs(steps=8))
def test_random_graphs_answer_the_same(graph: Graph) -> None:
    after = simplify_layout(graph)
    check_equal(graph, after)
    assert len(after.nodes) <= len(graph.nodes)
    assert (after.inputs, after.outputs) == (graph.inputs, graph.outputs)


def test_transposes_that_undo_each_other() -> None:
    b = GraphBuilder(1)
    x = b.transpose(b.transpose(b.input((2, 3, 4)), (2, 0, 1)), (1, 2, 0))
    graph = b.graph([b.unary(x)])
    after = simplify_layout(graph)
    assert ops(after) == ["unary"]
    check_equal(graph, after)


def test_transposes_in_a_row_are_one() -> None:
    b = GraphBuilder(2)
    x = b.input((2, 3, 4, 5))
    for perm in ((0, 2, 1, 3), (3, 1, 0, 2), (1, 0, 3, 2)):
        x = b.transpose(x, perm)
    graph = b.graph([b.unary(x)])
    after = simplify_layout(graph)
    assert [isinstance(node, Transpose) for node in after.nodes] == [True, False]
    check_equal(graph, after)


def test_reshapes_in_a_row_are_one_or_none() -> None:
    b = GraphBuilder(3)
    x = b.input((4, 6))
    y = b.reshape(b.reshape(b.reshape(x, (24,)), (2, 12)), (3, 8))
    z = b.reshape(b.reshape(x, (24,)), (4, 6))
    graph = b.graph([b.unary(y), b.unary(z)])
    after = simplify_layout(graph)
    assert sum(isinstance(node, Reshape) for node in after.nodes) == 1
    check_equal(graph, after)


def test_a_slice_of_everything_vanishes_and_a_reversal_stays() -> None:
    b = GraphBuilder(4)
    x = b.input((3, 4))
    whole = b.slice(x, (0, 0), (1, 1), (3, 4))
    turned = b.slice(x, (0, 3), (1, -1), (3, 4))
    graph = b.graph([b.unary(whole), b.unary(turned)])
    after = simplify_layout(graph)
    assert ops(after).count("slice") == 1
    check_equal(graph, after)


def test_an_output_keeps_its_name() -> None:
    b = GraphBuilder(5)
    y = b.reshape(b.input((2, 3)), (2, 3))
    graph = b.graph([y])
    after = simplify_layout(graph)
    assert after.outputs == (y,)
    check_equal(graph, after)


def test_what_nobody_reads_is_dropped() -> None:
    b = GraphBuilder(6)
    x = b.input((2, 3))
    b.linear(x, 4)
    graph = b.graph([b.unary(x)])
    assert ops(simplify_layout(graph)) == ["unary"]


def test_branches_keep_their_own_chains() -> None:
    """The middle of a chain that something else reads stays."""
    b = GraphBuilder(7)
    middle = b.transpose(b.input((2, 3)), (1, 0))
    back = b.transpose(middle, (1, 0))
    graph = b.graph([b.unary(middle), b.unary(back)])
    after = simplify_layout(graph)
    assert ops(after).count("transpose") == 1
    check_equal(graph, after)


@pytest.mark.parametrize("steps", [4, 8])
def test_twice_is_once(steps: int) -> None:
    @settings(max_examples=20)
    @given(graph=random_graphs(steps=steps))
    def check(graph: Graph) -> None:
        once = simplify_layout(graph)
        assert ops(simplify_layout(once)) == ops(once)

    check()
