"""Blocks of constants in the arena: each is there, whole, while its steps are executed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from tinyrig.generator.errors import InternalError
from tinyrig.generator.operators.values import Ids, named
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.resident import Block, buffer_name
from tinyrig.generator.verify.memory import Arena

_FLYING = named("a block that is copied, and not there yet")


@dataclass(eq=False)
class SharedBlocks:
    """The blocks of a plan whose arena they share; of another plan none.

    The firmware copies them in their order. A block's bytes hold nothing until the end of its copy
    is awaited; then they hold its number, before and behind each of its steps.
    """

    plan: Plan
    arenas: Sequence[Arena]
    under_way: list[int] = field(default_factory=list)
    blocks: Sequence[Block] = field(init=False)
    _at: Sequence[int] = field(init=False)
    _ids: Sequence[np.uint64] = field(init=False)

    def __post_init__(self) -> None:
        residents = self.plan.residents
        shared = residents is not None and residents.shared
        self.blocks = residents.blocks if residents and shared else ()
        self._at = [n for n, b in enumerate(self.blocks) for _ in range(b.first, b.last + 1)]
        self._ids = [named("block", str(number)) for number in range(len(self.blocks))]
        for arena in self.arenas:
            for number, block in enumerate(self.blocks):
                start = arena.offsets.get(buffer_name(number), -1)
                if start < 0 or start % 8 or start + block.size > arena.fast:
                    raise InternalError(
                        f"The plan is not sound: the constants of step {block.first} have the "
                        f"bytes [{start}, {start + block.size}) of the {arena.title} arena, which "
                        f"has {arena.fast}."
                    )

    def number(self, index: int) -> int:
        """Return the block of a step."""
        return self._at[index]

    def begins(self, index: int) -> bool:
        """True where a block's first step is this."""
        return index < len(self._at) and self.blocks[self._at[index]].first == index

    def late(self, index: int) -> bool:
        """True where the block of a step is copied before its own first step."""
        return not self.blocks[self._at[index]].early

    def start(self, number: int) -> None:
        """Start the copy of a block, if there is one."""
        if number < len(self.blocks):
            self.under_way.append(number)
            for arena, place in self._places(number):
                place[...] = _FLYING
                start = arena.offsets[buffer_name(number)]
                first = self.blocks[max(0, number - self.blocks[number].early)].first
                arena.writers[start : start + place.size] = first

    def follow(self, index: int) -> None:
        """Start the copy of the block behind a step's, where that comes early."""
        number = self._at[index] + 1
        if number < len(self.blocks) and self.blocks[number].early:
            self.start(number)

    def end(self) -> None:
        """Await the end of all; InternalError where something was written to where one goes."""
        for number in self.under_way:
            for arena, place in self._places(number):
                if (place != _FLYING).any():
                    raise InternalError(
                        f"The plan is not sound: something writes where block {number} is copied "
                        f"to in the {arena.title} arena before the copy has ended."
                    )
                place[...] = self._ids[number]
        self.under_way.clear()

    def check(self, index: int) -> None:
        """The constants of a step must be there; InternalError where they are not."""
        if not self.blocks:
            return
        number = self._at[index]
        for arena, place in self._places(number):
            lost = int((place != self._ids[number]).sum())
            if lost:
                raise InternalError(
                    f"The plan is not sound: step {index} ({self.plan.steps[index].name}) reads "
                    f"block {number} in the {arena.title} arena, {lost} bytes of which are not "
                    f"there, or no more."
                )

    def _places(self, number: int) -> Iterator[tuple[Arena, Ids]]:
        for arena in self.arenas:
            start = arena.offsets[buffer_name(number)]
            yield arena, arena.values[start : start + self.blocks[number].size]
