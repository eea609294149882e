"""Modelled cycles of an inference from its block profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from suite.backends.profile import Block, BlockProfile, Flow
from suite.build import Image
from suite.cycles import m4
from suite.cycles.program import Program
from suite.cycles.result import BlockCycles, ModelledCycles
from suite.cycles.tables import Timing, load_timing


def model_cycles(profile: BlockProfile, image: Image, core: str) -> ModelledCycles:
    """Return the modelled cycles, at zero wait states, of the inference that was profiled.

    InputError for a core without a model; BrokenRunError for code that cannot be decoded.
    """
    timing = load_timing(core)
    program = Program(image)
    blocks: list[BlockCycles] = []
    for step, flows in profile.flows.items():
        cycles = _m4_flows(flows, program, timing)
        counts = profile.block_counts(step)
        blocks += [
            BlockCycles(step, block, _function(image, block), count, cycles[block])
            for block, count in counts.items()
        ]
    return ModelledCycles(
        model=timing.name,
        version=timing.version,
        error_percent=timing.error_percent,
        memory="0ws",
        blocks=tuple(blocks),
    )


def _m4_flows(flows: Sequence[Flow], program: Program, timing: Timing) -> Mapping[Block, float]:
    cycles: dict[Block, float] = {}
    for flow in flows:
        code = program.code(flow.to)
        previous = None
        if flow.origin is not None and not flow.taken:
            previous = program.code(flow.origin)[-1]
        once = sum(m4.straight_cycles(code, previous, timing))
        if flow.taken:
            once += m4.refill(code[0], timing)
        cycles[flow.to] = cycles.get(flow.to, 0.0) + flow.count * once
    return cycles


def _function(image: Image, block: Block) -> str:
    return image.locate(block.address).partition("+")[0]
