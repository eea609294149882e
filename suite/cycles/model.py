"""Modelled cycles of an inference from its block profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from suite.backends.profile import Block, BlockProfile, Flow
from suite.build import Image
from suite.cycles import m4_blocks, m7_blocks
from suite.cycles.program import Program
from suite.cycles.result import BlockCycles, ModelledCycles
from suite.cycles.tables import Timing, load_timing

_FlowCycles = Callable[[Sequence[Flow], Program, Timing], Mapping[Block, float]]
_FLOW_CYCLES: Mapping[str, _FlowCycles] = {
    "cortex-m4": m4_blocks.flow_cycles,
    "cortex-m7": m7_blocks.flow_cycles,
}


def model_cycles(profile: BlockProfile, image: Image, core: str) -> ModelledCycles:
    """Return the modelled cycles, at zero wait states, of the inference that was profiled.

    InputError for a core without a model; BrokenRunError for code that cannot be decoded.
    """
    timing = load_timing(core)
    program = Program(image)
    blocks: list[BlockCycles] = []
    for step, flows in profile.flows.items():
        cycles = _FLOW_CYCLES[core](flows, program, timing)
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


def _function(image: Image, block: Block) -> str:
    return image.locate(block.address).partition("+")[0]
