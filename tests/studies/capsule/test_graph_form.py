"""A graph as JSON and arrays: it comes back exactly, or is refused."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder
from chain.random_graphs import random_graphs
from heavy import NIGHT
from hypothesis import given, settings

from tinyrig.generator.emit.firmware import emit_project
from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.plan import make_plan
from tinyrig.suite.studies.capsule.codec import decode_graph, encode_graph


def printed(graph: Graph) -> str:
    """A digest of the whole C project: every constant, address and name is in it."""
    plan = make_plan(graph, load_board("stm32h743"))
    size = sum(graph.tensors[name].elements for name in graph.inputs)
    return emit_project(plan, bytes(size)).sha256()


@settings(max_examples=40 if NIGHT else 12)
@given(graph=random_graphs())
def test_a_graph_comes_back_as_the_same_firmware(graph: Graph) -> None:
    document, arrays = encode_graph(graph)
    assert printed(decode_graph(json.loads(json.dumps(document)), arrays)) == printed(graph)


def small() -> tuple[dict, dict]:
    b = GraphBuilder(3)
    return encode_graph(b.graph([b.linear(b.input((1, 3, 4)), 2)]))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.pop("nodes"), "nodes"),
        (lambda d: d["nodes"][0].update(op="Node"), "operator"),
        (lambda d: d["nodes"][0].update(op="Softmax"), "fields"),
        (lambda d: d["nodes"][0].update(extra=1), "fields"),
        (lambda d: d["nodes"][0].update(name='x"; evil'), "safe name"),
        (lambda d: d["nodes"][0].update(inputs=["nowhere"]), "nowhere"),
        (lambda d: d["nodes"][0].update(weight="nowhere"), "nowhere"),
        (lambda d: d["nodes"][0]["requant"].update(shift="32"), "no int"),
        (lambda d: d["tensors"][0].update(shape=[0, 3]), "empty"),
        (lambda d: d["tensors"][0]["affine"].update(scale=float("nan")), "finite"),
        (lambda d: d.update(outputs="t1"), "no list"),
    ],
)
def test_a_graph_that_is_none_is_refused(change, told: str) -> None:
    document, arrays = small()
    changed = copy.deepcopy(document)
    change(changed)
    with pytest.raises(InputError, match=told):
        decode_graph(changed, arrays)


def test_an_array_of_another_type_is_refused() -> None:
    document, arrays = small()
    key = document["nodes"][0]["weight"]
    with pytest.raises(InputError, match="int8"):
        decode_graph(document, arrays | {key: arrays[key].astype(np.int16)})
