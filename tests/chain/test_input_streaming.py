"""`input-streaming`: an input comes band by band, no byte twice, and the answers are the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from chain.boot import prove
from chain.graph_builder import GraphBuilder
from chain.streamed_inputs import ON, asked, patches, planes, streamed_graphs
from hypothesis import given, settings
from hypothesis import strategies as st
from records.sample_record import RECORD
from verify.plans import fault, plan_graph

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.options import ALL, NONE, parse_options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.plan import make_plan
from tinyrig.generator.planning.streams.ways import Way, permitted_ways
from tinyrig.suite.backends.host import host_program
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.gate.comparison import compare as side_by_side
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.arena_map import map_arena
from tinyrig.suite.rig.firmware import Firmware, plan_project
from tinyrig.suite.rig.run import streamed_inputs
from tinyrig.suite.studies.memory.compare import compare
from tinyrig.suite.studies.memory.observe import observe
from tinyrig.suite.toolchain.toolchain import load_toolchain

WAYS = (*permitted_ways("bands", ON), Way("bands", 9))


@cache
def proven(board: str, make: Callable[[], Graph]) -> Firmware:
    return prove(make(), board, ON)


@settings(max_examples=60, deadline=None)
@given(graph=streamed_graphs(), way=st.sampled_from(WAYS), all_on=st.booleans())
def test_every_band_is_sound_and_every_row_asked_for_once(
    graph: Graph, way: Way, all_on: bool
) -> None:
    options = replace(ALL if all_on else NONE, input_streaming=True)
    passed, board = run_passes(graph, options), load_board("stm32f746")
    plan = make_plan(passed, board, options=options, ways={"bands": way})
    assert fault(plan) == ""
    (name,) = graph.inputs
    if plan.streamed:
        assert name not in {buffer.name for buffer in plan.buffers}
        taken = np.zeros(graph.tensors[name].elements, np.int64)
        for _, at, size in asked(plan):
            taken[at : at + size] += 1
        assert taken.max() == 1
        assert plan.band_bytes(name) <= taken.size


@pytest.mark.night
@settings(max_examples=12, deadline=None)
@given(graph=streamed_graphs(), board=st.sampled_from(["stm32f427", "stm32h743"]))
def test_whatever_windows_read_it(graph: Graph, board: str) -> None:
    prove(graph, board, ON)


def test_rows_come_in_their_order() -> None:
    plan = plan_graph(planes(), options=ON)
    plane = 19 * 11
    every = [(at // plane, at % plane, size) for _, at, size in asked(plan)]
    first, *others = ([(at, n) for c, at, n in every if c == channel] for channel in range(3))
    assert others == [first, first]
    assert first[0][0] == 0
    assert all(at + size == following for (at, size), (following, _) in pairwise(first))


@pytest.mark.parametrize(("board", "make"), [("stm32f427", patches), ("stm32h743", planes)])
def test_firmware_answers_as_the_reference(board: str, make: Callable[[], Graph]) -> None:
    firmware = proven(board, make)
    (name,) = firmware.plan.streamed
    whole = plan_graph(make(), board).clean.size
    saved = firmware.plan.graph.tensors[name].elements - firmware.plan.band_bytes(name)
    assert whole - firmware.plan.clean.size >= saved // 2 > 0


def test_what_no_layer_reads_is_not_asked_for() -> None:
    plan = proven("stm32f427", patches).plan
    row = 24 * 2
    assert sum(size for _, _, size in asked(plan)) == 24 * row
    assert plan.band_bytes(plan.streamed[0]) % (8 * row) == 0


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs: sudo apt-get install gcc")
def test_a_program_of_this_machine_answers_so_too(tmp_path: Path) -> None:
    """Under sanitizers, with inputs in RAM before and behind the one that is streamed."""
    graph = patches()
    rng = np.random.default_rng(1)
    codes = {
        name: rng.integers(-128, 128, graph.tensors[name].shape).astype(np.int8)
        for name in graph.inputs
    }
    sample = b"".join(codes[name].tobytes() for name in graph.inputs)
    board = load_board("stm32f427")
    plan, project = plan_project(graph, board, bytes(len(sample)), options=ON, ref_only=True)
    assert plan.streamed == (graph.inputs[1],)
    got = host_program(project, plan.graph, tmp_path).run(sample)
    expected = run_reference(plan.graph, codes)
    assert got == {name: expected[name].tobytes() for name in graph.outputs}


def test_the_arena_shows_the_band_and_all_of_it_is_used() -> None:
    firmware = proven("stm32f427", patches)
    plan = firmware.plan
    (name,) = plan.streamed
    arena = map_arena(plan, plan.clean)
    assert [b.size for b in arena.blocks if b.kind == "band"] == [plan.band_bytes(name)]
    assert name not in {block.name for block in arena.blocks}
    inputs = {block.name for block in arena.blocks if block.kind == "input"}
    assert inputs == {*plan.graph.inputs} - {name}
    sample = bytes(sum(plan.graph.tensors[one].elements for one in plan.graph.inputs))
    for seen in observe(plan, backend("embedded"), load_toolchain("zig"), sample):
        assert compare(plan, seen).findings == ()


def test_a_record_says_what_is_streamed_and_from_where() -> None:
    plan = proven("stm32f427", patches).plan
    (found,) = streamed_inputs(plan)
    assert (found.name, found.bytes, found.source) == (plan.streamed[0], 26 * 24 * 2, "flash")
    assert found.band == plan.band_bytes(found.name) < found.bytes
    streamed = RECORD.model_copy(update={"streamed": (found,)})
    job = side_by_side("a", {"job": RECORD}, "b", {"job": streamed}).figures[0].job
    assert job == f"job (streamed inputs: none -> {found.name})"
    assert side_by_side("a", {"job": streamed}, "b", {"job": streamed}).figures[0].job == "job"


def test_the_switch_is_off_unless_asked_for() -> None:
    assert not ALL.input_streaming
    assert not NONE.input_streaming
    assert parse_options(["input-streaming"], ()) == ON
    assert "input-streaming" in ON.words()
    assert not any("input-streaming" in word for word in ALL.words())
    assert plan_graph(patches()).streamed == ()


def test_ways_do_no_more_than_the_switches_permit() -> None:
    alone = permitted_ways("bands", replace(ON, conv_streaming=False))
    assert {way.how for way in alone} == {"bands"}
    assert {way.how for way in permitted_ways("bands", ON)} == {"bands", "strips"}


def read_twice(b: GraphBuilder) -> list[str]:
    x = b.input((1, 2, 9, 9))
    return [b.conv(x, 3, Window(kernel=(2, 2))), b.maxpool(x, Window(kernel=(3, 3)))]


def by_columns(b: GraphBuilder) -> list[str]:
    return [b.conv(b.transpose(b.input((1, 2, 9, 8)), (0, 1, 3, 2)), 3, Window(kernel=(2, 2)))]


def in_one_row(b: GraphBuilder) -> list[str]:
    return [b.conv(b.input((1, 2, 3, 9)), 3, Window(kernel=(3, 2)))]


def given_out(b: GraphBuilder) -> list[str]:
    x = b.input((1, 2, 9, 8))
    y = b.conv(b.transpose(x, (0, 1, 2, 3)), 3, Window(kernel=(2, 2)))
    return [y, b.nodes[0].outputs[0]]


def without_windows(b: GraphBuilder) -> list[str]:
    return [b.linear(b.input((6, 9)), 4)]


@pytest.mark.parametrize("make", [read_twice, by_columns, in_one_row, given_out, without_windows])
def test_other_inputs_lie_in_ram(make: Callable[[GraphBuilder], list[str]]) -> None:
    b = GraphBuilder(2)
    plan = plan_graph(b.graph(make(b)), options=ON)
    assert plan.streamed == ()
    assert fault(plan) == ""


def test_a_cluster_refuses() -> None:
    with pytest.raises(InputError, match="leave out input-streaming, or name a board of one core"):
        plan_graph(planes(), "gap9", ON)
