"""Cortex-M4: cycles of blocks by the flows into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from suite.backends.profile import Block, Flow
from suite.cycles import m4
from suite.cycles.places import addresses, area
from suite.cycles.program import Program
from suite.cycles.tables import Timing


def flow_cycles(flows: Sequence[Flow], program: Program, timing: Timing) -> Mapping[Block, float]:
    """Return the cycles of each block, the refills of the branches into it included."""
    cycles: dict[Block, float] = {}
    for flow in flows:
        once = sum(_flow_costs(flow, program, timing))
        if flow.origin is not None and flow.taken:
            branch, target = program.code(flow.origin)[-1], program.code(flow.to)[0]
            once += m4.refill(branch, target, timing)
        cycles[flow.to] = cycles.get(flow.to, 0.0) + flow.count * once
    return cycles


def issue_costs(
    flow: Flow, flows: Sequence[Flow], program: Program, timing: Timing
) -> Sequence[float]:
    """Return the cycles of each instruction of a flow's second block, without refills."""
    del flows  # the model looks no further back than one instruction
    return _flow_costs(flow, program, timing)


def _flow_costs(flow: Flow, program: Program, timing: Timing) -> list[int]:
    code = program.code(flow.to)
    previous = None
    if flow.origin is not None and not flow.taken:
        previous = program.code(flow.origin)[-1]
    areas = [area(address) for address in addresses(code, flow)]
    return m4.straight_cycles(code, previous, timing, areas)
