"""Which layers get sparse weights: those that cost fewer cycles for it, as the switch allows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.options import ALL, NONE, Sparse
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.forms import constant_bytes, forms
from tinyrig.generator.planning.layout import lay_out
from tinyrig.generator.planning.packing import packed
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.generator.planning.sparse_packing import stored, stream_bytes

_SIZES: dict[str, Sparse] = {"sparse4": "4", "sparse2": "2", "sparse2x4": "2x4"}
_DENSE = {"stm32f427": "quads16", "stm32f746": "longquads16"}
"""What a dense layer of these has on a board."""

_BOARDS = tuple(_DENSE)


def _graph(*densities: float) -> Graph:
    """Linear layers of 64 rows by 64 columns, of whose blocks a share is not zero."""
    b = GraphBuilder(3)
    name = b.input((64, 64))
    for _ in densities:
        name = b.linear(name, 64)
    graph = b.graph([name])
    rng = np.random.default_rng(1)
    shares = iter(densities)
    nodes = []
    for node in graph.nodes:
        assert isinstance(node, Linear)
        kept = np.repeat(rng.random((64, 16)) < next(shares), 4, axis=1)
        nodes.append(replace(node, weight=np.where(kept, node.weight, np.int8(0))))
    return replace(graph, nodes=tuple(nodes))


def _packs(plan: Plan) -> list[str]:
    return [step.kernel.pack for step in plan.steps if step.op == "linear"]


def _plan(graph: Graph, board: str, sparse: Sparse = "auto") -> Plan:
    options = replace(ALL, sparse=sparse, mlp_streaming=False, cycles="0ws")
    return cheapest_plan(graph, load_board(board), options=options)


@pytest.mark.parametrize("board", _BOARDS)
def test_sparse_is_taken_where_it_is_cheaper(board: str) -> None:
    plan = _plan(_graph(0.2, 1.0, 0.4), board)
    assert _packs(plan) == ["sparse4", _DENSE[board], "sparse4"]
    for step in plan.steps:
        dense = cheapest_plan(_graph(1.0), load_board(board)).steps[0]
        assert step.kernel.cost_of(step.call) <= dense.kernel.cost_of(dense.call)


@pytest.mark.parametrize("board", _BOARDS)
def test_the_switch_has_its_way(board: str) -> None:
    graph = _graph(0.2, 1.0)
    assert _packs(_plan(graph, board, "never")) == [_DENSE[board]] * 2
    assert _packs(_plan(graph, board, "always")) == ["sparse4", "sparse2x4"]
    for form, size in _SIZES.items():
        assert _packs(_plan(graph, board, size)) == [form, form]
    assert "sparse4" not in _packs(cheapest_plan(graph, load_board(board), options=NONE))


def test_flash_is_the_streams_byte_for_byte() -> None:
    graph = _graph(0.2, 0.4)
    plan = _plan(graph, "stm32f427")
    expected = 0
    for node in graph.nodes:
        assert isinstance(node, Linear)
        blocks = stored(node.weight, SPARSE_FORMATS["sparse4"]).blocks
        assert blocks == np.count_nonzero(node.weight.reshape(64, 16, 4).any(axis=2))
        expected += stream_bytes(node.weight, SPARSE_FORMATS["sparse4"]) + node.start.nbytes
    assert plan.flash_bytes("weights") == expected


def test_fewest_bytes_of_flash() -> None:
    """Blocks at three quarters of their places are slower than dense, but smaller."""
    graph = _graph(0.77, 1.0)
    assert _packs(_plan(graph, "stm32f427")) == ["quads16", "quads16"]
    assert _packs(_plan(graph, "stm32f427", "flash")) == ["sparse4", "quads16"]


def test_every_form_tells_its_bytes() -> None:
    graph = _graph(0.4)
    (call,) = bind(graph, lay_out(graph).steps[0])
    found = forms(call, load_board("stm32f427").isa)
    assert {form.kernel.pack for form in found} >= {*_SIZES, "rows", "stream8", "stream16"}
    for form in found:
        assert form.flash == constant_bytes(packed(call, form.kernel.pack))
