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
        code = program.code(flow.to)
        previous = None
        if flow.origin is not None and not flow.taken:
            previous = program.code(flow.origin)[-1]
        areas = [area(address) for address in addresses(code, flow)]
        once = sum(m4.straight_cycles(code, previous, timing, areas))
        if flow.taken:
            once += m4.refill(code[0], timing)
        cycles[flow.to] = cycles.get(flow.to, 0.0) + flow.count * once
    return cycles
