"""What a core waits for weights: readings of whole layers, against the cache, by where they lie."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain.graph_builder import GraphBuilder
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options, parse_options
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.costs import fetch_waits
from tinyrig.generator.planning.flash import CODE_RESERVE
from tinyrig.generator.planning.operating_point import OperatingPoint
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.readings import (
    FlashLines,
    flash_lines,
    readings_of,
    weight_readings,
)
from tinyrig.generator.planning.search.budget import flash_needs, placed
from tinyrig.generator.planning.search.space import Space
from tinyrig.suite.models.case import resolve

F427, F746, H743 = (load_board(name) for name in ("stm32f427", "stm32f746", "stm32h743"))
ZERO_WAITS = replace(ALL, cycles="0ws")
STREAMED = replace(ALL, large_scratch=False)
_LINES = FlashLines(size=16, wait=5, sets=2, ways=4)


def plan(rows: int, board: Board, options: Options) -> Plan:
    """A layer of 64 values and 64 channels: more weights than the cache of a Cortex-M4's flash."""
    b = GraphBuilder(5)
    return cheapest_plan(b.graph([b.linear(b.input((rows, 64)), 64)]), board, options=options)


def test_what_fits_the_cache_is_read_once_and_what_does_not_for_every_tile() -> None:
    """A line more than it has room for is in a set that loses all of its five each time."""
    assert _LINES.waits(128, 1, 128, readings=9, executions=4) == 8 * 5
    assert _LINES.waits(128, 1, 129, readings=9, executions=4) == 8 * 5 * 4
    assert _LINES.waits(129, 1, 129, readings=9, executions=4) == (9 + 8 * 5) * 5 * 4
    assert _LINES.waits(145, 1, 145, readings=9, executions=4) == (10 + 8 * 10) * 5 * 4
    assert _LINES.waits(64, 2, 128, readings=9, executions=4) == 2 * 4 * 5


@given(size=st.integers(1, 4096), readings=st.integers(1, 50), executions=st.integers(1, 9))
@example(size=16, readings=2, executions=2)
@example(size=17, readings=2, executions=2)
def test_no_plan_waits_less_than_for_every_line_once(
    size: int, readings: int, executions: int
) -> None:
    waits = _LINES.waits(size, 1, size, readings, executions)
    assert _LINES.once(size) <= waits <= _LINES.once(size) * readings * executions
    assert _LINES.once(size) == -(-size // 16) * 5


def test_lines_are_those_of_the_flash_that_weights_lie_in() -> None:
    inside, outside = (flash_lines(H743, outside=where) for where in (False, True))
    assert inside == FlashLines(32, 16, 128, 4) and inside.cache == 16 * 1024
    assert outside == FlashLines(32, 256, 128, 4)
    point = H743.operating_point
    assert point is not None and point.external_flash is not None
    uncached = replace(point, external_flash=replace(point.external_flash, cached=0))
    lines = flash_lines(replace(H743, operating_point=uncached), outside=True)
    assert lines is not None and lines.cache == 0
    assert lines.waits(64, 1, 64, readings=3, executions=2) == 2 * 256 * 3 * 2
    assert flash_lines(replace(H743, operating_point=None), outside=False) is None


@pytest.mark.parametrize("board", [F427, F746], ids=lambda board: board.name)
def test_weights_of_16_bits_are_not_streamed_for_what_flash_takes(board: Board) -> None:
    """More weights than the cache has room for, in a slow flash; one tile reads them once."""
    point = _with_cache(board, sets=1)
    slow = replace(point.flash, wait_states=30)
    small = replace(board, operating_point=replace(point, flash=slow))
    weighed, unweighed = (plan(60, small, options) for options in (STREAMED, ZERO_WAITS))
    assert weighed.steps[0].kernel.pack == "stream8"
    assert unweighed.steps[0].kernel.pack.endswith("16")
    assert weighed.cycles > unweighed.cycles and unweighed.waits == 0
    kernel, call = weighed.steps[0].kernel, weighed.steps[0].call
    lines = flash_lines(small, outside=False)
    assert lines is not None
    size = weighed.flash_bytes("weights") + weighed.flash_bytes("tables")
    assert weight_readings(call, kernel.pack, size) == 20
    streamed = lines.once(size) + 19 * lines.again(size)
    assert weighed.waits == streamed + fetch_waits(kernel, call, small)


@pytest.mark.parametrize("board", [F427, F746], ids=lambda board: board.name)
def test_weights_are_kept_in_scratch_where_they_would_be_waited_for_again(board: Board) -> None:
    small = replace(board, operating_point=_with_cache(board, sets=1))
    kept, streamed = (plan(60, small, options) for options in (ALL, STREAMED))
    step, lines = kept.steps[0], flash_lines(small, outside=False)
    assert step.kernel.readings == "1" and lines is not None
    assert readings_of(step.kernel, step.call, 1) == 1
    size = kept.flash_bytes("weights") + kept.flash_bytes("tables")
    assert kept.waits == lines.once(size) + fetch_waits(step.kernel, step.call, small)
    assert kept.cycles + kept.waits < streamed.cycles + streamed.waits
    assert kept.clean.size > streamed.clean.size


@pytest.mark.parametrize(
    "options",
    [ZERO_WAITS, replace(ALL, optimize="none"), STREAMED],
    ids=["0ws", "none", "no-large-scratch"],
)
def test_weights_are_kept_only_where_waits_are_weighed(options: Options) -> None:
    assert plan(60, F427, options).steps[0].kernel.readings == ""


def _row() -> Graph:
    """A layer of MLPerf Tiny's anomaly detection: its weights are read once by any kernel."""
    b = GraphBuilder(5)
    return b.graph([b.linear(b.input((1, 640)), 128)])


def test_a_few_bytes_of_ram_are_no_reason_for_more_cycles_where_waits_make_plans_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of kernels that read as many bytes."""
    monkeypatch.setattr("tinyrig.generator.planning.kernels._DENSE_PACKS", ("rows", "stream8"))
    graph = _row()
    weighed, unweighed = (cheapest_plan(graph, H743, options=of) for of in (ALL, ZERO_WAITS))
    assert [s.kernel for s in weighed.steps] == [s.kernel for s in unweighed.steps]
    assert weighed.cycles == unweighed.cycles


def test_what_the_cache_keeps_is_widened_all_the_same() -> None:
    large = replace(F746, operating_point=_with_cache(F746, sets=4096))
    assert plan(60, large, ALL).steps[0].kernel.pack.endswith("16")


def _with_cache(board: Board, sets: int) -> OperatingPoint:
    point = board.operating_point
    assert point is not None
    return replace(point, data_cache=replace(point.data_cache, sets=sets))


@pytest.mark.parametrize("more", [0, 1])
def test_weights_lie_outside_where_8_bits_of_each_do_not_fit(more: int) -> None:
    b = GraphBuilder(5)
    graph = b.graph([b.linear(b.input((9, 32)), 32)])
    narrow = cheapest_plan(graph, F746, options=ALL, wide=False)
    needs = flash_needs(narrow.graph, narrow.tables, narrow.steps)
    assert needs.sample == 9 * 32
    size = needs.weights + needs.inside + CODE_RESERVE
    board = replace(F746, flash=replace(F746.flash, size=size - more))
    assert placed(Space(graph, board, ALL)).outside == bool(more)
    assert not placed(Space(graph, board, ZERO_WAITS)).outside


def test_where_all_weights_are_copied_the_plan_is_that_of_zero_wait_states() -> None:
    copying, dry = (plan(60, F746, of) for of in (replace(ALL, weights_in_ram=True), ZERO_WAITS))
    assert [step.kernel for step in copying.steps] == [step.kernel for step in dry.steps]
    assert copying.copies is not None
    assert copying.copies.left == 0


def test_where_copies_lack_room_the_plan_that_spares_the_flash_stays() -> None:
    """Planned as if nothing waited, this one leaves a quarter of the RAM for copies."""
    graph = resolve("eegformer", {}).rewritten(ALL).graph
    plain, copying = (
        cheapest_plan(graph, F746, options=of) for of in (ALL, replace(ALL, weights_in_ram=True))
    )
    assert [step.kernel for step in copying.steps] == [step.kernel for step in plain.steps]
    assert plain.copies is None
    assert copying.copies is not None


def test_where_nothing_has_room_the_plan_is_that_without_copies() -> None:
    assert F746.operating_point is not None
    slow = replace(F746, operating_point=replace(F746.operating_point, fast_ram=()))
    plain, copying = (plan(60, slow, of) for of in (ALL, replace(ALL, weights_in_ram=True)))
    assert copying.copies is None
    assert [step.kernel for step in copying.steps] == [step.kernel for step in plain.steps]
    assert copying.waits == plain.waits > 0


def test_words_name_what_is_weighed_where_it_is_not_the_usual() -> None:
    assert not any(word.startswith("cycles") for word in ALL.words())
    assert "cycles=0ws" in ZERO_WAITS.words()
    assert parse_options(["cycles=0ws"], ()) == ZERO_WAITS
