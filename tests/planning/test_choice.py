"""Which of the permitted plans is taken: what is asked for, within limits, never a beaten one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.options import ALL, Options, parse_options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.limits import Takes, takes
from tinyrig.generator.planning.pareto import pareto_plans
from tinyrig.generator.planning.plan import Plan, make_plan
from tinyrig.generator.planning.search.frontier import candidates, schedules
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.streams.ways import (
    WHOLE,
    Way,
    permitted_ways,
    stated_way,
    way_of,
)
from tinyrig.suite.models.case import resolve

BOARD = load_board("stm32f427")


def block() -> Graph:
    return resolve("eegformer-mhsa", {}).rewritten(ALL).graph


def images() -> Graph:
    """A chain of convolutions whose strips cost more work and less memory."""
    b = GraphBuilder(8)
    small = Window(kernel=(3, 3), pads=(1, 1, 1, 1))
    x = b.conv(b.input((1, 3, 32, 32)), 16, small)
    x = b.conv(b.conv(x, 16, small), 16, small)
    return b.graph([b.maxpool(x, Window(kernel=(4, 4), strides=(4, 4)))])


def taken(graph: Graph, *words: str) -> Plan:
    return cheapest_plan(graph, BOARD, options=parse_options(words, ()))


def figures(graph: Graph, *words: str) -> Takes:
    return takes(taken(graph, *words))


BARE = ("no-weights-in-ram", "no-code-in-ram")
"""With these the fastest plan copies no more than the others do."""


@pytest.mark.parametrize("graph", [block, images], ids=["attention", "images"])
def test_each_goal_is_reached_best_by_its_own_plan(graph: object) -> None:
    given = block() if graph is block else images()
    found = {goal: figures(given, f"optimize={goal}") for goal in ("ram", "cycles", "flash")}
    balanced = figures(given)
    every = (*found.values(), balanced, figures(given, "optimize=none"))
    assert found["ram"].ram == min(one.ram for one in every)
    assert found["cycles"].cycles == min(one.cycles for one in every)
    assert found["flash"].flash == min(one.flash for one in every)
    alike = figures(given, "optimize=cycles", *BARE)
    assert balanced.cycles <= 1.03 * alike.cycles
    assert balanced.ram <= alike.ram
    assert found["cycles"].cycles <= alike.cycles


def test_balanced_is_the_least_ram_near_the_fastest() -> None:
    graph = block()
    space = Space(run_passes(graph, ALL), BOARD, ALL)
    every = candidates(schedules(space), None)
    fastest = min(one.selection.cycles for one in every)
    near = [one for one in every if one.selection.cycles <= 1.03 * fastest]
    assert 1 < len(near) < len(every)
    assert figures(graph).ram == min(one.selection.ram for one in near)


@pytest.mark.parametrize("model", ["eegformer", "tinyvit-digits"])
def test_no_combination_of_ways_beats_the_candidates(model: str) -> None:
    """Behind attention by groups of heads stands a site of tokens that is none by heads."""
    graph = resolve(model, {}).rewritten(ALL).graph
    space = Space(run_passes(graph, ALL), BOARD, ALL)
    every = schedules(space)
    found = [(one.selection.ram, one.selection.price) for one in candidates(every, None)]
    for attention in permitted_ways("attention", ALL):
        for tokens in permitted_ways("tokens", ALL):
            laid = space.laid({"attention": attention, "tokens": tokens})
            if any(all(one.kernel.isa == "ref" for one in choices) for choices in laid.steps):
                continue
            for one in candidates([laid], None):
                ram, price = one.selection.ram, one.selection.price
                assert any(a <= ram and b <= price for a, b in found), (attention, tokens, ram)


def test_a_layout_of_wider_weights_puts_none_outside_the_chip() -> None:
    """The stated layout fits this flash with its fastest kernels, the fastest layout does not."""
    board = load_board("stm32h743")
    small = replace(board, flash=replace(board.flash, size=board.flash.size - 1_978_000))
    for goal in ("balanced", "cycles"):
        plan = cheapest_plan(block(), small, options=parse_options([f"optimize={goal}"], ()))
        assert not plan.weights_outside


def test_no_slower_plan_is_balanced_for_what_addresses_need() -> None:
    """Where addresses need more than is live a few are tried, of those near the fastest alone."""
    board = load_board("stm32f746")
    graph = resolve("mlperf-kws", {}).rewritten(ALL).graph
    space = Space(run_passes(graph, ALL), board, ALL)
    every = candidates(schedules(space), None)
    fastest = min(one.selection.price for one in every)
    near = min(
        (one.selection for one in every if one.selection.price <= 1.03 * fastest),
        key=lambda one: one.ram,
    )
    plan = cheapest_plan(graph, board)
    assert plan.clean.size > near.ram
    assert plan.cycles + plan.waits <= 1.03 * fastest


def test_the_least_ram_is_that_of_the_addresses() -> None:
    """A step's scratch is beside its output where that cannot lie over its input.

    Each pointwise layer of KWS alone could write over its input, all of them one after the other
    cannot: the least arena is that of their least scratch, and of the plans in it the fastest.
    """
    graph = resolve("mlperf-kws", {}).rewritten(ALL).graph
    plan = taken(graph, "optimize=ram")
    assert plan.clean.size == 16_384
    assert plan.cycles < 6_000_000
    for goal in ("balanced", "cycles"):
        options = replace(ALL, optimize=goal, max_ram=plan.clean.size)
        assert cheapest_plan(graph, BOARD, options=options).clean.size == plan.clean.size


def test_the_papers_blocks_keep_their_records_of_ram() -> None:
    records = {"eegformer-mhsa": 17_336, "ecgformer-mhsa": 3_000, "trformer-mhsa": 1_592}
    for model, most in records.items():
        graph = resolve(model, {}).rewritten(ALL).graph
        plan = taken(graph, "optimize=ram")
        assert plan.clean.size <= most, model
        assert all(step.kernel.isa != "ref" for step in plan.steps), model


def beaten(one: Takes, others: Sequence[Takes]) -> bool:
    mine = (one.ram, one.flash, one.cycles)
    return any(
        all(a <= b for a, b in zip(other, mine, strict=True)) and other != mine
        for other in ((o.ram, o.flash, o.cycles) for o in others)
    )


@pytest.mark.parametrize("model", ["mlperf-ic", "mlperf-kws", "tinyvit-digits"])
@pytest.mark.parametrize("goal", ["balanced", "ram", "cycles"])
def test_what_is_taken_is_beaten_by_no_switch(model: str, goal: str) -> None:
    """Strips made a ResNet slower and larger at once when they were taken unweighed."""
    graph = resolve(model, {}).rewritten(ALL).graph
    found = takes(taken(graph, f"optimize={goal}"))
    settings = [
        Options(optimize="none", conv_streaming=conv, mlp_streaming=mlp, attention=attention)
        for conv in (True, False)
        for mlp in (True, False)
        for attention in ("head-streamed", "depth-first")
    ]
    passed = run_passes(graph, ALL)
    others = [takes(make_plan(passed, BOARD, options=options)) for options in settings]
    assert not beaten(found, others)


def test_the_frontier_has_no_beaten_plan_and_all_goals() -> None:
    graph = block()
    plans = [takes(plan) for plan in pareto_plans(graph, BOARD, ALL, 40)]
    assert len(plans) > 4
    assert not any(beaten(one, plans) for one in plans)
    assert min(one.ram for one in plans) == figures(graph, "optimize=ram").ram
    assert min(one.cycles for one in plans) == figures(graph, "optimize=cycles", *BARE).cycles
    assert min(one.flash for one in plans) == figures(graph, "optimize=flash").flash
    few = [takes(plan) for plan in pareto_plans(graph, BOARD, ALL, 4)]
    assert len(few) == 4
    assert {one.ram for one in few} <= {one.ram for one in plans}


@pytest.mark.parametrize("name", ["ram", "flash", "cycles"])
def test_a_limit_holds_to_the_unit_and_is_named_where_it_cannot(name: str) -> None:
    graph = block()
    least = getattr(figures(graph, f"optimize={name}", *BARE), name)
    kept = figures(graph, f"max-{name}={least}")
    assert getattr(kept, name) == least
    with pytest.raises(FitError, match=f"keeps --max-{name} {least - 1}[.] The nearest plan") as at:
        taken(graph, f"max-{name}={least - 1}")
    assert at.value.exit_code == 3
    assert str(least) in re.findall(r"\d+", str(at.value))


def test_limits_that_are_met_one_by_one_are_told_to_exclude_each_other() -> None:
    graph = block()
    ram = figures(graph, "optimize=ram").ram
    cycles = figures(graph, "optimize=cycles", *BARE).cycles
    with pytest.raises(FitError, match="together with the other limits"):
        taken(graph, f"max-ram={ram}", f"max-cycles={cycles}")


def test_switches_permit() -> None:
    graph = images()
    assert any(step.loops for step in taken(graph, "optimize=ram").steps)
    permitted = parse_options(["optimize=ram"], ["conv-streaming"])
    assert not any(step.loops for step in cheapest_plan(graph, BOARD, options=permitted).steps)


def test_ways_are_those_that_the_switches_permit() -> None:
    assert permitted_ways("attention", replace(ALL, attention="layerwise")) == (WHOLE,)
    assert permitted_ways("tokens", replace(ALL, mlp_streaming=False)) == (WHOLE,)
    assert permitted_ways("windows", replace(ALL, conv_streaming=False)) == (WHOLE,)
    for kind in ("windows", "tokens", "attention"):
        found = permitted_ways(kind, ALL)  # type: ignore[arg-type]
        assert found[0] == stated_way(kind, ALL)  # type: ignore[arg-type]
        assert WHOLE in found
        assert len(set(found)) == len(found)
    depth_first = permitted_ways("attention", replace(ALL, attention="depth-first"))
    assert {way.how for way in depth_first} == {"whole", "groups"}


def test_a_site_goes_its_own_way_before_its_kinds() -> None:
    own, kind = Way("tokens", 6), Way("tokens", 24)
    assert way_of("tokens-a", {"tokens-a": own, "tokens": kind}, ALL) == own
    assert way_of("tokens-b", {"tokens-a": own, "tokens": kind}, ALL) == kind
    assert way_of("tokens-b", {}, ALL) == stated_way("tokens", ALL)
    assert Way.of(own.word) == own
    assert Way.of(WHOLE.word) == WHOLE
