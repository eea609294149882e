"""What start copies: tables and kernels share what is free, and by which words they may."""

from dataclasses import replace

import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options, parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.limits import takes
from tinyrig.generator.planning.pareto import pareto_plans
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.models.case import resolve

L4R5 = load_board("stm32l4r5:dual-bank")
BOTH = parse_options(["optimize=cycles"], ())


def layers() -> Graph:
    b = GraphBuilder(7)
    return b.graph([b.linear(b.linear(b.input((20, 64)), 96), 64)])


def plan(options: Options) -> Plan:
    return cheapest_plan(layers(), L4R5, options=options)


def saved(found: Plan) -> int:
    return sum(one.saved for one in (found.copies, found.code) if one)


@pytest.mark.parametrize(
    ("on", "off", "weights", "code"),
    [
        (["optimize=cycles"], [], True, True),
        (["optimize=cycles"], ["weights-in-ram"], False, True),
        (["no-code-in-ram", "optimize=cycles"], [], True, False),
        (["optimize=cycles", "cycles=0ws"], [], False, False),
        (["code-in-ram", "optimize=cycles", "cycles=0ws"], [], False, True),
        (["none", "optimize=cycles"], [], False, False),
        (["none", "all", "optimize=cycles"], [], True, True),
        (["optimize=balanced"], [], False, False),
        (["optimize=ram"], [], False, False),
        (["optimize=flash"], [], False, False),
    ],
)
def test_the_fastest_on_a_board_copies_unless_a_word_says_no(
    on: list[str], off: list[str], weights: bool, code: bool
) -> None:
    found = parse_options(on, off)
    assert (found.weights_in_ram, found.code_in_ram) == (weights, code)
    assert parse_options(found.words(), ()) == found


def test_words_of_other_goals_are_as_before() -> None:
    for goal in ("balanced", "ram", "flash", "none"):
        words = parse_options([f"optimize={goal}"], ()).words()
        assert "no-weights-in-ram" in words
        assert not any("code-in-ram" in word for word in words)


def test_both_are_copied_where_both_have_room() -> None:
    found = plan(BOTH)
    assert found.copies is not None
    assert found.code is not None
    assert saved(found) == saved(plan(replace(BOTH, code_in_ram=False))) + found.code.saved
    assert found.left < found.cycles // 100


@pytest.mark.parametrize("spare", [9_000, 17_000, 24_000])
def test_of_tables_first_and_kernels_first_the_one_that_saves_more_is_taken(spare: int) -> None:
    bare = plan(replace(BOTH, weights_in_ram=False, code_in_ram=False))
    limit = replace(BOTH, max_ram=bare.clean.size + spare)
    both = plan(limit)
    alone = (replace(limit, code_in_ram=False), replace(limit, weights_in_ram=False))
    assert takes(both).ram <= limit.max_ram
    assert saved(both) >= max(saved(plan(one)) for one in alone)


def test_a_plan_that_copies_make_fast_enough_keeps_a_limit() -> None:
    """Without copies no plan would, for the waits."""
    fast = takes(plan(BOTH)).cycles
    bare = plan(replace(BOTH, weights_in_ram=False, code_in_ram=False))
    assert fast < takes(bare).cycles
    room = replace(BOTH, max_cycles=fast, weights_in_ram=False)
    limit = takes(plan(replace(room, max_cycles=0))).cycles
    assert takes(plan(replace(room, max_cycles=limit))).cycles == limit
    assert takes(plan(replace(BOTH, max_cycles=fast))).cycles == fast


def test_a_network_waits_for_almost_nothing_beside_copies() -> None:
    graph = resolve("trformer-mhsa", {}).rewritten(BOTH).graph
    found = cheapest_plan(graph, L4R5, options=BOTH)
    assert found.left == 0
    assert found.code is not None
    assert found.copies is not None


def test_narrower_weights_are_taken_where_only_then_all_have_room() -> None:
    """With 16 bits one layer's would stay in flash, and the core wait for them."""
    board = load_board("stm32f746")
    graph = resolve("trformer-mhsa", {}).rewritten(BOTH).graph
    found = cheapest_plan(graph, board, options=BOTH)
    bare = cheapest_plan(graph, board, options=replace(BOTH, cycles="0ws", weights_in_ram=False))
    assert all(found.is_copied(table) for _, table in found.tables.values())
    assert found.left == 0
    assert found.flash_bytes("weights") < bare.flash_bytes("weights")


def test_the_frontier_has_plans_with_copies_and_without() -> None:
    plans = pareto_plans(layers(), L4R5, BOTH, 8)
    assert 2 <= len(plans) <= 8
    assert any(one.copies and one.code for one in plans)
    assert any(not one.copies and not one.code for one in plans)
    assert takes(plans[0]).cycles == takes(plan(BOTH)).cycles
