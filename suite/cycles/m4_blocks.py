"""Cortex-M4: cycles of blocks by the flows into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinyrig.suite.cycles import m4
from tinyrig.suite.cycles.instruction import Instruction
from tinyrig.suite.cycles.m4_fetch import fetch_waits
from tinyrig.suite.cycles.places import addresses, area
from tinyrig.suite.cycles.program import Program
from tinyrig.suite.cycles.tables import Timing
from tinyrig.suite.records.profile import Block, Flow

_RUN_UP = 12
"""Instructions before a block that fill or drain the prefetch buffer, where it is fallen into."""


def flow_cycles(flows: Sequence[Flow], program: Program, timing: Timing) -> Mapping[Block, float]:
    """Return the cycles of each block, the refills of the branches into it included."""
    usual = _usual_entries(flows)
    cycles: dict[Block, float] = {}
    for flow in flows:
        once = sum(_flow_costs(flow, usual, program, timing))
        cycles[flow.to] = cycles.get(flow.to, 0.0) + flow.count * once
    return cycles


def issue_costs(
    flow: Flow, flows: Sequence[Flow], program: Program, timing: Timing
) -> Sequence[float]:
    """Return the cycles of each instruction of a flow's second block, the refill with its first."""
    return _flow_costs(flow, _usual_entries(flows), program, timing)


def _usual_entries(flows: Sequence[Flow]) -> Mapping[Block, Flow]:
    usual: dict[Block, Flow] = {}
    for flow in flows:
        if flow.to not in usual or flow.count > usual[flow.to].count:
            usual[flow.to] = flow
    return usual


def _flow_costs(
    flow: Flow, usual: Mapping[Block, Flow], program: Program, timing: Timing
) -> list[int]:
    code = program.code(flow.to)
    areas = [area(address) for address in addresses(code, flow)]
    if flow.origin is None:
        return _with_waits(m4.straight_cycles(code, None, timing, areas), code, 0, timing)
    last = program.code(flow.origin)[-1]
    if flow.taken:
        costs = m4.straight_cycles(code, None, timing, areas)
        return _with_waits(costs, code, m4.refill(last, timing), timing)
    before = _run_up(flow.origin, usual, program)
    costs = [
        *m4.straight_cycles(before, None, timing),
        *m4.straight_cycles(code, last, timing, areas),
    ]
    return _with_waits(costs, [*before, *code], 0, timing)[len(before) :]


def _with_waits(
    costs: Sequence[int], code: Sequence[Instruction], refill: int, timing: Timing
) -> list[int]:
    waits = fetch_waits(code, costs, refill, timing)
    return [cost + wait for cost, wait in zip(costs, waits, strict=True)]


def _run_up(block: Block, usual: Mapping[Block, Flow], program: Program) -> Sequence[Instruction]:
    """Return the straight code that most likely came before a block's end."""
    code = list(program.code(block))
    while len(code) < _RUN_UP:
        entry = usual.get(block)
        if entry is None or entry.origin is None or entry.taken:
            break
        block = entry.origin
        code = [*program.code(block), *code]
    return code[-_RUN_UP:]
