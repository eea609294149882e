"""A planned arena as rectangles: which bytes every buffer has, and during which steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from tinyrig.generator.planning.arena import ArenaPlan
from tinyrig.generator.planning.lifetime import loop_ranges
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.resident import is_block

Kind = Literal["input", "band", "output", "activation", "sums", "scratch", "constants"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Block:
    """A buffer in its place: bytes [offset, offset + size) from step `first` to step `last`.

    `extent` is the size rounded up to the arena's alignment. Int32 sums that an output is then
    written into are of kind sums; what a streamed input is read into is a band.
    """

    name: str
    kind: Kind
    offset: int
    size: int
    extent: int
    first: int
    last: int

    def live(self, step: int) -> bool:
        """True while the buffer is needed."""
        return self.first <= step <= self.last


@dataclass(frozen=True)
class Loop:
    """Steps `first` to `last`, executed `count` times; `depth` 0 is outermost."""

    first: int
    last: int
    count: int
    depth: int


@dataclass(frozen=True)
class ArenaMap:
    """All buffers of a plan in one arena of `size` bytes; `steps` are the steps' names."""

    model: str
    board: str
    planner: str
    size: int
    lower_bound: int
    steps: tuple[str, ...]
    blocks: tuple[Block, ...]
    loops: tuple[Loop, ...]

    def live(self, step: int) -> tuple[Block, ...]:
        """Return the buffers needed while a step runs, lowest address first."""
        return tuple(block for block in self.blocks if block.live(step))

    def used(self, step: int) -> int:
        """Bytes taken while a step runs; what an output is written over counts once."""
        taken = np.zeros(max([self.size, *(b.offset + b.extent for b in self.blocks)]), bool)
        for block in self.live(step):
            taken[block.offset : block.offset + block.extent] = True
        return int(np.count_nonzero(taken))

    @property
    def beside_input(self) -> int:
        """The most bytes that a step takes but for the inputs that are live in it."""
        return max(self.used(step) - self._inputs(step) for step in range(len(self.steps)))

    def _inputs(self, step: int) -> int:
        return sum(block.extent for block in self.live(step) if block.kind == "input")

    @property
    def peak_step(self) -> int:
        """The first of the steps that take most bytes."""
        return max(range(len(self.steps)), key=lambda step: (self.used(step), -step))


_AT_REST = "at rest"
"""The one moment of a model that hands on its inputs as they came: no step."""


def map_arena(plan: Plan, arena: ArenaPlan) -> ArenaMap:
    """Return a plan's buffers at the addresses of one of its arenas."""
    steps = tuple(step.name for step in plan.steps) or (_AT_REST,)
    blocks = [
        Block(
            name=buffer.name,
            kind=_kind(plan, buffer.name),
            offset=arena.offsets[buffer.name],
            size=buffer.size,
            extent=buffer.aligned,
            first=buffer.first,
            last=min(buffer.last, len(steps) - 1),
        )
        for buffer in plan.buffers
    ]
    return ArenaMap(
        model=plan.graph.name,
        board=plan.board.name,
        planner=arena.planner,
        size=arena.size,
        lower_bound=arena.lower_bound,
        steps=steps,
        blocks=tuple(sorted(blocks, key=lambda b: (b.offset, b.first, b.name))),
        loops=_loops(plan),
    )


def _kind(plan: Plan, name: str) -> Kind:
    schedule = plan.schedule
    storage = schedule.storages.get(name)
    if storage is None:
        return "constants" if is_block(name) else "scratch"
    if any(view.storage == name for view in schedule.inputs.values()):
        return "input"
    if any(step.is_read and step.call.writes[0].storage == name for step in plan.steps):
        return "band"
    if storage.item > 1:
        return "sums"
    held = any(view.storage == name for view in schedule.outputs.values())
    return "output" if held else "activation"


def _loops(plan: Plan) -> tuple[Loop, ...]:
    ranges = loop_ranges(plan.steps)
    found = [
        Loop(first, last, plan.schedule.loops[loop], _depth(plan.steps[first].loops, loop))
        for loop, (first, last) in ranges.items()
    ]
    return tuple(sorted(found, key=lambda loop: (loop.depth, loop.first)))


def _depth(loops: Sequence[int], loop: int) -> int:
    return tuple(loops).index(loop)
