"""Modelled cycles of an inference from its block profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tinyrig.generator.errors import InputError
from tinyrig.suite.cycles import m4_blocks, m7_blocks
from tinyrig.suite.cycles.program import Program
from tinyrig.suite.cycles.result import BlockCycles, IssuedInstruction, ModelledCycles
from tinyrig.suite.cycles.tables import Timing, load_timing, modelled
from tinyrig.suite.records.profile import Block, BlockProfile, Flow
from tinyrig.suite.toolchain import Image

Explain = Callable[[BlockCycles], tuple[IssuedInstruction, ...]]


@dataclass(frozen=True)
class _Pipeline:
    flow_cycles: Callable[[Sequence[Flow], Program, Timing], Mapping[Block, float]]
    issue_costs: Callable[[Flow, Sequence[Flow], Program, Timing], Sequence[float]]


_PIPELINES: Mapping[str, _Pipeline] = {
    "cortex-m4": _Pipeline(m4_blocks.flow_cycles, m4_blocks.issue_costs),
    "cortex-m7": _Pipeline(m7_blocks.flow_cycles, m7_blocks.issue_costs),
}


def _pipeline(core: str) -> _Pipeline:
    name = modelled(core).pipeline
    if name not in _PIPELINES:
        raise InputError(f"Core {core}: the pipeline {name!r} is none of {', '.join(_PIPELINES)}.")
    return _PIPELINES[name]


def model_cycles(profile: BlockProfile, image: Image, core: str) -> ModelledCycles:
    """Return the modelled cycles, at zero wait states, of the inference that was profiled.

    InputError for a core without a model; BrokenRunError for code that cannot be decoded.
    """
    timing = load_timing(core)
    program = Program(image)
    blocks: list[BlockCycles] = []
    for step, flows in profile.flows.items():
        cycles = _pipeline(core).flow_cycles(flows, program, timing)
        counts = profile.block_counts(step)
        blocks += [
            BlockCycles(step, block, program.function(block), count, cycles[block])
            for block, count in counts.items()
        ]
    return ModelledCycles(
        model=timing.name,
        version=timing.version,
        error_percent=timing.error_percent,
        memory="0ws",
        blocks=tuple(blocks),
    )


def step_cycles(
    profile: BlockProfile, program: Program, core: str
) -> Mapping[int | None, Mapping[Block, float]]:
    """Return the modelled cycles of each block of each step; errors as `model_cycles`."""
    timing, pipeline = load_timing(core), _pipeline(core)
    return {
        step: pipeline.flow_cycles(flows, program, timing) for step, flows in profile.flows.items()
    }


def explainer(profile: BlockProfile, image: Image, core: str) -> Explain:
    """Return what gives a block's instructions with their cycles, entered as it most often is."""
    timing = load_timing(core)
    program = Program(image)

    def explain(found: BlockCycles) -> tuple[IssuedInstruction, ...]:
        flows = profile.flows[found.step]
        usual = max((flow for flow in flows if flow.to == found.block), key=lambda flow: flow.count)
        costs = _pipeline(core).issue_costs(usual, flows, program, timing)
        issued = []
        at = 0.0
        for instruction, cost in zip(program.code(found.block), costs, strict=True):
            issued.append(IssuedInstruction(instruction.address, instruction.text, at, cost))
            at += cost
        return tuple(issued)

    return explain
