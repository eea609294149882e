"""What a model says of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tinyrig.suite.records.profile import Block

Memory = Literal["0ws", "board"]


@dataclass(frozen=True)
class BlockCycles:
    """A block of a step (None: the glue): executions, and cycles of them all.

    The refill of a branch into a block, or its misprediction, is counted with the block.
    """

    step: int | None
    block: Block
    function: str
    count: int
    cycles: float


@dataclass(frozen=True)
class IssuedInstruction:
    """One instruction of a block: when it issues, in cycles from the block's, and its cost.

    On a dual-issue core an instruction costs half a cycle when it shares its cycle.
    """

    address: int
    text: str
    at: float
    cycles: float


@dataclass(frozen=True)
class ModelledCycles:
    """Modelled cycles of one inference; `error_percent` is the model's band either way."""

    model: str
    version: int
    error_percent: float
    memory: Memory
    blocks: tuple[BlockCycles, ...] = field(repr=False)

    @property
    def total(self) -> int:
        """Cycles of the inference."""
        return round(sum(block.cycles for block in self.blocks))

    def by_step(self) -> Mapping[int | None, int]:
        """Return the cycles of each step."""
        sums: dict[int | None, float] = {}
        for block in self.blocks:
            sums[block.step] = sums.get(block.step, 0.0) + block.cycles
        return {step: round(cycles) for step, cycles in sums.items()}

    def by_function(self) -> Mapping[str, int]:
        """Return the cycles of each function, most first."""
        sums: dict[str, float] = {}
        for block in self.blocks:
            sums[block.function] = sums.get(block.function, 0.0) + block.cycles
        order = sorted(sums, key=lambda name: (-sums[name], name))
        return {name: round(sums[name]) for name in order}
