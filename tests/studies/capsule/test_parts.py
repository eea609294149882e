"""The part of a graph that stands for a layer: it runs the layer's kernel and gives its values."""

from __future__ import annotations

import numpy as np
import pytest
from chain.random_graphs import random_graphs
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, NONE, Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.plan import Plan, make_plan
from tinyrig.suite.models.case import resolve
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.studies.capsule.make import part_plan
from tinyrig.suite.studies.capsule.owner import owner

BOARD = "stm32h743"


def planned(graph: Graph, options: Options) -> Plan:
    return make_plan(run_passes(graph, options), load_board(BOARD), options=options)


def check_parts(plan: Plan, alone: bool = True) -> None:
    graph = plan.graph
    rng = np.random.default_rng(len(graph.nodes))
    inputs = {
        name: rng.integers(-128, 128, graph.tensors[name].shape).astype(np.int8)
        for name in graph.inputs
    }
    values = run_reference(graph, inputs, keep=True)
    for index, step in enumerate(plan.steps):
        part = part_plan(plan, index, alone=alone)
        assert (step.op, step.kernel) in {(own.op, own.kernel) for own in part.steps}
        got = run_reference(part.graph, {name: values[name] for name in part.graph.inputs})
        for name, codes in got.items():
            assert np.array_equal(codes, values[name]), (step.name, name)


@settings(max_examples=40)
@given(graph=random_graphs(), options=st.sampled_from([ALL, NONE]))
def test_every_layer_of_a_random_graph_has_a_part(graph: Graph, options: Options) -> None:
    check_parts(planned(graph, options))


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("model", ["ecgformer", "tinyvit-digits"])
def test_every_layer_of_a_network_has_a_part(model: str, alone: bool) -> None:
    check_parts(planned(resolve(model, {}).graph, ALL), alone)


def test_a_projection_comes_alone_or_with_its_heads() -> None:
    plan = planned(resolve("eegformer-mhsa", {}).graph, ALL)
    names = [step.name for step in plan.steps]
    keys = names.index("mhsa.k.Gemm") if "mhsa.k.Gemm" in names else 0
    node = owner(plan.graph, plan.schedule.steps[keys])
    assert node is not None
    alone = part_plan(plan, keys)
    assert [member.name for member in alone.graph.nodes] == [node.name]
    stream = part_plan(plan, keys, alone=False)
    assert [step.name for step in stream.steps] == names


def test_sums_of_a_projection_come_with_the_heads_they_sum() -> None:
    plan = planned(resolve("eegformer-mhsa", {}).graph, ALL)
    ops = [step.op for step in plan.steps]
    part = part_plan(plan, ops.index("partiallinear"))
    assert [step.op for step in part.steps] == ops
