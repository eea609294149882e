"""TinyFormer's Fig. 10 and 11: a network by sparsity and by operator."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
from chain.graph_builder import GraphBuilder
from rich.console import Console

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.report.sparse_figures import NOTE, figures_picture, figures_table
from tinyrig.suite.studies.sparsity.figures import by_operator, by_sparsity, pruned


def _graph() -> Graph:
    """A layer that can be sparse, and softmax of what it gives."""
    b = GraphBuilder(3)
    name = b.linear(b.input((16, 64)), 64)
    return b.graph([b.softmax(name, 1)])


def _zeros(graph: Graph) -> float:
    weights = [node.weight for node in graph.nodes if isinstance(node, Linear)]
    return float(np.mean([weight == 0 for weight in weights]))


def test_a_graph_is_pruned_to_a_share_whatever_it_was() -> None:
    graph = _graph()
    assert _zeros(pruned(graph, 0.0)) == 0.0
    assert _zeros(pruned(graph, 0.75)) == 0.75
    assert _zeros(pruned(pruned(graph, 0.75), 0.25)) == 0.25


def test_more_sparsity_is_faster_and_smaller() -> None:
    shares = list(by_sparsity(_graph(), load_board("stm32f746"), (0.5, 0.75)))
    half, most = shares
    assert half.dense == most.dense
    assert most.sparse.cycles < half.sparse.cycles < half.dense.cycles
    assert most.sparse.flash < half.sparse.flash < half.dense.flash


def test_operators_of_every_engine() -> None:
    board = load_board("stm32f746")
    found = by_operator(_graph(), board)
    ours, bitmap, dense, portable = (
        found[name] for name in ("tinyrig", "bitmap", "dense", "portable")
    )
    assert ours["linear"] < dense["linear"] < portable["linear"]
    assert ours["linear"] == bitmap["linear"]
    assert ours["softmax"] == dense["softmax"] < bitmap["softmax"]
    assert ours["others"] == ours["conv"] == 0
    shares = list(by_sparsity(_graph(), board, (0.5,)))
    shares.append(replace(shares[0], sparsity=0.9))
    picture = figures_picture("a<b", board.name, shares, found)
    tags = Counter(one.tag.split("}")[1] for one in ElementTree.fromstring(picture).iter())
    assert tags["rect"] == 2 * 3 + 4 * 4
    assert "a&lt;b" in picture
    console = Console(width=250)
    with console.capture() as capture:
        console.print(figures_table("net", board.name, shares, found))
    told = capture.get()
    assert f"{ours['softmax']:,} (1.00x)" in told
    assert " ".join(NOTE.split()[:8]) in told
