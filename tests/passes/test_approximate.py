"""Approximations of exp and GELU: how far they are off, and which tables they replace."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from comparing import answers

from tinyrig.generator.graph.exponentials import softmax_tables
from tinyrig.generator.graph.gelu import gelu as exact_gelu
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Softmax, Unary
from tinyrig.generator.graph.quantization import CODES, FloatArray, dequantise, quantise
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.options import ALL, Gelu, parse_options
from tinyrig.generator.passes.approximate import (
    approximate,
    i_bert_exp,
    i_bert_gelu,
    mcuformer_gelu,
)
from tinyrig.generator.passes.pipeline import run_passes

X, Y = Affine(0.05, 3), Affine(0.04, -90)


def _unary(function: Callable[[FloatArray], FloatArray]) -> Graph:
    lut = quantise(function(dequantise(CODES, X)), Y)
    node = Unary(name="u", inputs=("x",), outputs=("y",), lut=lut)
    return Graph(
        "g", {"x": Tensor("x", (2, 7), X), "y": Tensor("y", (2, 7), Y)}, (node,), ("x",), ("y",)
    )


def _softmax(length: int = 9) -> Graph:
    to = Affine(1 / 255, -128)
    tables = softmax_tables(X.scale, length, to.scale)
    node = Softmax(name="s", inputs=("x",), outputs=("y",), axis=1, **vars(tables))
    tensors = {"x": Tensor("x", (4, length), X), "y": Tensor("y", (4, length), to)}
    return Graph("g", tensors, (node,), ("x",), ("y",))


def test_errors_are_those_of_the_published_polynomials() -> None:
    x = np.linspace(-8.0, 0.0, 4001)
    assert 0.001 < np.abs(i_bert_exp(x) - np.exp(x)).max() < 0.0022
    x = np.linspace(-4.0, 4.0, 4001)
    assert 0.01 < np.abs(i_bert_gelu(x) - exact_gelu(x)).max() < 0.02
    assert 0.01 < np.abs(mcuformer_gelu(x) - exact_gelu(x)).max() < 0.021


@pytest.mark.parametrize(
    ("name", "function"), [("i-bert", i_bert_gelu), ("mcuformer", mcuformer_gelu)]
)
def test_a_table_of_gelu_is_replaced(
    name: Gelu, function: Callable[[FloatArray], FloatArray]
) -> None:
    (node,) = approximate(_unary(exact_gelu), "exact", name).nodes
    assert isinstance(node, Unary)
    np.testing.assert_array_equal(node.lut, quantise(function(dequantise(CODES, X)), Y))


def test_another_table_stays() -> None:
    graph = _unary(np.tanh)
    (node,) = approximate(graph, "i-bert", "i-bert").nodes
    assert isinstance(node, Unary)
    np.testing.assert_array_equal(node.lut, graph.nodes[0].lut)  # type: ignore[attr-defined]


def test_probabilities_move_by_less_than_a_step_and_sum_to_one() -> None:
    exact, polynomial = _softmax(), approximate(_softmax(), "i-bert", "exact")
    before, after = (answers(graph)["y"].astype(int) for graph in (exact, polynomial))
    assert np.abs(after - before).max() <= 1
    assert np.abs((after + 128).sum(axis=1) - 255).max() <= 5
    table = polynomial.nodes[0].exp  # type: ignore[attr-defined]
    assert table[0] == _softmax().nodes[0].exp[0]  # type: ignore[attr-defined]
    assert np.any(table != _softmax().nodes[0].exp)  # type: ignore[attr-defined]


def test_exponentials_that_kernels_compute() -> None:
    """Of rows so long that exact ones have finer sums, too: these are all of one table."""
    for length in (9, 3000):
        exact, computed = _softmax(length), approximate(_softmax(length), "bitmap", "exact")
        (node,) = computed.nodes
        assert isinstance(node, Softmax)
        assert node.halving == round(X.scale / np.log(2.0) * 2**16)
        real = np.exp(-np.arange(256) * X.scale)
        assert np.abs(node.exp / node.exp[0] - real).max() < 0.0025
        before, after = (answers(graph)["y"].astype(int) for graph in (exact, computed))
        assert np.abs(after - before).max() <= 1


def test_switches_reach_the_passes_and_are_off_by_default() -> None:
    options = parse_options(["all", "exponential=i-bert", "gelu=mcuformer"], [])
    for graph in (_softmax(), _unary(exact_gelu)):
        table = "exp" if isinstance(graph.nodes[0], Softmax) else "lut"
        exact, other = (getattr(run_passes(graph, o).nodes[0], table) for o in (ALL, options))
        np.testing.assert_array_equal(exact, getattr(graph.nodes[0], table))
        assert np.any(other != exact)
