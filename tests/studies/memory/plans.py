"""Plans of the zoo's smallest block, right ones and ones made wrong."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.arena import ArenaPlan
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.buffer import Buffer
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.rig.arena_map import ArenaMap, map_arena
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.studies.memory.compare import Comparison, compare
from tinyrig.suite.studies.memory.observe import observe
from tinyrig.suite.toolchain.toolchain import load_toolchain

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
