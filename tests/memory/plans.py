"""Plans of the zoo's smallest block, right ones and ones made wrong."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from generator.options import ALL, Options
from generator.planning.arena import ArenaPlan
from generator.planning.board import load_board
from generator.planning.buffer import Buffer
from generator.planning.plan import Plan
from suite.backends.registry import backend
from suite.build.toolchain import load_toolchain
from suite.firmware import plan_project
from suite.memory.arena_map import ArenaMap, map_arena
from suite.memory.compare import Comparison, compare
from suite.memory.observe import observe
from suite.models.case import Case, resolve
from suite.verdict import sample_bytes

MODEL = "ecgformer-mhsa"


@functools.cache
def case(model: str = MODEL) -> Case:
    return resolve(model, {})


def sample(model: str = MODEL) -> bytes:
    return sample_bytes(case(model).graph, case(model).samples(1)[0])


@functools.cache
def plan_of(model: str = MODEL, options: Options = ALL, board: str = "stm32f746") -> Plan:
    graph = case(model).rewritten(options).graph
    return plan_project(graph, load_board(board), sample(model), options=options)[0]


def arena_of(model: str = MODEL, options: Options = ALL) -> ArenaMap:
    plan = plan_of(model, options)
    return map_arena(plan, plan.clean)


def with_arena(
    plan: Plan,
    *,
    offsets: Mapping[str, int] | None = None,
    size: int | None = None,
    buffers: Sequence[Buffer] | None = None,
) -> Plan:
    """The plan with another product arena and no guarded one."""
    clean = plan.clean
    arena = ArenaPlan(
        clean.offsets if offsets is None else offsets,
        clean.size if size is None else size,
        clean.planner,
        clean.lower_bound,
    )
    kept = plan.buffers if buffers is None else tuple(buffers)
    return replace(plan, clean=arena, checked=arena, buffers=kept)


def watched(plan: Plan, model: str = MODEL) -> list[Comparison]:
    seen = observe(plan, backend("embedded"), load_toolchain("zig"), sample(model))
    return [compare(plan, one) for one in seen]
