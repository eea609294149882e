"""Plans to verify: small graphs and zoo models on boards, and what the verifier says of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.arena import ArenaPlan
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.plan import GUARD_BYTES, Plan
from tinyrig.generator.verify.plan import verify_plan
from tinyrig.suite.models.case import resolve


@functools.cache
def zoo_plan(model: str, board: str, options: Options = ALL) -> Plan:
    """The plan of a zoo model; FitError when it does not fit."""
    graph = resolve(model, {}).rewritten(options).graph
    return cheapest_plan(graph, load_board(board), options=options)


def plan_graph(graph: Graph, board: str = "stm32f427", options: Options = ALL) -> Plan:
    """The plan of an integer graph."""
    return cheapest_plan(run_passes(graph, options), load_board(board), options=options)


def fault(plan: Plan) -> str:
    """What the verifier refuses a plan for; empty when it lets it pass."""
    try:
        verify_plan(plan)
    except InternalError as error:
        return str(error)
    return ""


def with_offsets(plan: Plan, offsets: Mapping[str, int], *, checked: bool = False) -> Plan:
    """The plan with some buffers of one build at other addresses, and an arena that holds them."""
    placed = plan.checked if checked else plan.clean
    moved = {**placed.offsets, **offsets}
    guard = GUARD_BYTES if checked else 0
    ends = [moved[b.name] + b.aligned + guard for b in plan.buffers if b.name in offsets]
    arena = ArenaPlan(moved, max(placed.size, *ends), placed.planner, placed.lower_bound)
    if checked:
        return replace(plan, checked=arena)
    return replace(plan, clean=arena, checked=plan.checked if plan.guarded else arena)


def with_steps(plan: Plan, order: Sequence[int]) -> Plan:
    """The plan with its steps in another order."""
    schedule = replace(plan.schedule, steps=tuple(plan.schedule.steps[i] for i in order))
    return replace(plan, schedule=schedule, steps=tuple(plan.steps[i] for i in order))
