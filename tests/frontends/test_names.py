"""Names from a graph are safe, unique and the same every time."""

from __future__ import annotations

import re

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qdq_models import QdqModel

from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.names import Names, sanitise
from tinyrig.generator.graph.planned_names import is_planned

SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")
HOSTILE = [
    '"; rm -rf /',
    "../../x",
    "a" * 300,
    "",
    "-o",
    ".hidden",
    "x/y",
    "x y",
    "\0",
    "ünï",
    "$(x)",
]


@given(st.lists(st.text(max_size=80)))
def test_any_text_becomes_a_unique_safe_name(texts: list[str]) -> None:
    names, again = Names(), Names()
    found = [names.unique(text) for text in texts]
    assert all(SAFE.fullmatch(name) for name in found)
    assert len(set(found)) == len(found)
    assert found == [again.unique(text) for text in texts]


def test_good_names_stay() -> None:
    assert sanitise("encoder.layer_1-q") == "encoder.layer_1-q"
    assert sanitise("/encoder/MatMul_output_0") == "encoder_MatMul_output_0"


def test_hostile_graph_names() -> None:
    m = QdqModel(np.random.default_rng(0))
    y = m.activation((3, 4))
    for _ in range(6):
        y = m.quantised(m.node("Sigmoid", m.quantised(m.node("Transpose", y))))
    model = m.case(y).model
    names = sorted({name for node in model.graph.node for name in (*node.input, *node.output)})
    safe = [name for name in HOSTILE if name]
    table = {name: f"{safe[n % len(safe)]}{'!' * (n // len(safe))}" for n, name in enumerate(names)}
    renamed = rename(model, table)
    graph = graph_from_model(renamed, "hostile")
    used = [*graph.tensors, *(node.name for node in graph.nodes)]
    assert all(SAFE.fullmatch(name) for name in used)
    assert len(set(graph.tensors)) == len(graph.tensors)
    assert graph.inputs == (sanitise(renamed.graph.input[0].name, "input"),)
    assert graph.source_names[graph.inputs[0]] == renamed.graph.input[0].name
    assert graph.source_names[graph.outputs[0]] == renamed.graph.output[0].name
    assert set(graph.source_names.values()) <= set(table.values())


def rename(model: onnx.ModelProto, table: dict[str, str]) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for number, node in enumerate(copy.graph.node):
        node.name = HOSTILE[number % len(HOSTILE)]
        for names in (node.input, node.output):
            for slot, name in enumerate(names):
                names[slot] = table[name]
    for item in [*copy.graph.input, *copy.graph.output, *copy.graph.initializer]:
        item.name = table[item.name]
    return copy


@pytest.mark.parametrize(
    "name",
    [
        "scratch.0",
        "block.12",
        "tile.0.1.2",
        "a.in0",
        "a.rows.part1",
        "a.0.heads",
        "a.queries",
        "b.c.dense",
        "x.band",
    ],
)
def test_no_tensor_is_called_as_a_plan_s_own_bytes(name: str) -> None:
    names = Names(is_planned)
    assert names.unique(name) == name.replace(".", "_")
    assert names.unique(name) == f"{name.replace('.', '_')}_2"


@pytest.mark.parametrize("name", ["scratch", "blocks.0", "a.inner", "headless.part0", "tiles"])
def test_other_names_keep_their_dots(name: str) -> None:
    assert Names(is_planned).unique(name) == name
