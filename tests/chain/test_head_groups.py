"""Groups of heads: the same bytes at any size, and on a cluster the size that costs least."""

from dataclasses import replace

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.emit.firmware import emit_project
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Attention
from tinyrig.generator.options import ALL, parse_options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.plan import Plan, make_plan
from tinyrig.generator.planning.streams.ways import Way
from tinyrig.suite.backends import backend
from tinyrig.suite.models.case import resolve
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.toolchain import build, load_toolchain

F7 = load_board("stm32f746")
GAP9 = load_board("gap9")


def attention(seed: int, s: int, e: int, p: int, h: int, *, shared: bool) -> Graph:
    """Projections, attention and what joins its heads; with `shared`, keys that are the input."""
    b = GraphBuilder(seed)
    x = b.input((s, e))
    parts = []
    for name in "qkv":
        if name == "k" and shared:
            parts.append(x)
            continue
        width = e if name == "q" and shared else p
        split = b.reshape(b.linear(x, h * width), (s, h, width))
        parts.append(b.transpose(split, (1, 0, 2)))
    joined = b.reshape(b.transpose(b.attention(*parts), (1, 0, 2)), (s, h * p))
    return b.graph([b.linear(joined, e)])


def heads_at_a_time(plan: Plan) -> list[int]:
    return [
        int(step.call.params["batch1"]) * int(step.call.params["batch0"])
        for step in plan.steps
        if step.op == "attention"
    ]


@settings(max_examples=8)
@given(
    st.integers(0, 99),
    st.integers(1, 11),
    st.sampled_from([4, 6, 8]),
    st.sampled_from([1, 2, 5]),
    st.sampled_from([1, 2, 3, 6]),
    st.integers(1, 4),
    st.booleans(),
)
def test_groups_of_any_size_give_the_same_bytes(
    seed: int, s: int, e: int, p: int, h: int, most: int, shared: bool
) -> None:
    graph = run_passes(attention(seed, s, e, p, h, shared=shared))
    x = np.random.default_rng(seed).integers(-128, 128, (s, e)).astype(np.int8)
    plan = make_plan(graph, F7, ways={"attention": Way("groups", most)})
    size = max(part for part in range(1, min(h, most) + 1) if h % part == 0)
    assert heads_at_a_time(plan) == [size] * (h // size)
    image = build(emit_project(plan, x.tobytes()), F7, load_toolchain("zig"), checked=True)
    boot = backend("embedded").run(image, F7)
    assert boot.transcript.ok, boot.transcript.failed_checks()
    (name,) = graph.outputs
    expected = run_reference(graph, {graph.inputs[0]: x})[name]
    assert boot.transcript.outputs[name] == expected.tobytes()


def test_a_cluster_takes_as_many_heads_as_its_memory_holds() -> None:
    small = cheapest_plan(attention(1, 16, 16, 8, 8, shared=False), GAP9)
    assert heads_at_a_time(small) == [8]
    large = cheapest_plan(attention(1, 64, 64, 64, 8, shared=True), GAP9)
    groups = heads_at_a_time(large)
    assert sum(groups) == 8
    assert len(groups) > 1
    assert large.residents is not None
    assert large.residents.outside == {}
    room = GAP9.arena_capacity("l1")
    assert max(large.clean.size, large.checked.size) + large.residents.size <= room


def test_an_option_permits_and_does_not_force() -> None:
    graph = attention(1, 32, 32, 32, 8, shared=True)
    options = parse_options(["attention=depth-first"], [])
    assert heads_at_a_time(cheapest_plan(graph, GAP9, options=options)) == [8]
    # All heads of a large one leave no room for a region of weights: these share the arena.
    large = cheapest_plan(attention(1, 64, 64, 64, 8, shared=True), GAP9, options=options)
    assert large.options.attention == "depth-first"
    assert sum(heads_at_a_time(large)) == 8
    assert large.residents is not None and large.residents.shared
    assert cheapest_plan(graph, GAP9).options.attention == "depth-first"
    layerwise = cheapest_plan(graph, GAP9, options=parse_options(["attention=layerwise"], []))
    assert layerwise.options.attention == "layerwise"


def test_one_core_does_what_the_options_say_where_nothing_is_to_be_weighed() -> None:
    graph = attention(3, 24, 16, 8, 4, shared=False)
    options = replace(ALL, optimize="none")
    plain = make_plan(run_passes(graph), F7, options=options)
    chosen = cheapest_plan(graph, F7, options=options)
    assert [step.name for step in chosen.steps] == [step.name for step in plain.steps]
    assert dict(chosen.clean.offsets) == dict(plain.clean.offsets)
    assert chosen.options == options


@pytest.mark.parametrize("model", ["eegformer-mhsa", "ecgformer-mhsa", "trformer-mhsa"])
def test_the_papers_blocks_keep_all_weights_in_l1(model: str) -> None:
    case = resolve(model, {}).rewritten(ALL)
    plan = cheapest_plan(case.graph, GAP9)
    assert plan.residents is not None
    assert plan.residents.outside == {}
    assert len(heads_at_a_time(plan)) == 1
    assert any(isinstance(node, Attention) for node in plan.graph.nodes)
    assert not any(step.serial for step in plan.steps)
