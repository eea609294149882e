"""Planned against observed: every byte a step touched must be its own, every planned byte used.

What a step may read are the buffers it reads, the sums it adds to and its scratch; what it may
write are the buffers it writes and its scratch. A written byte may belong to another live buffer
only when the step reads that buffer for the last time: then the output goes over the input, and
the answer proves that the order of reading and writing allows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.planned_step import PlannedStep
from tinyrig.suite.rig.arena_map import ArenaMap, Block, map_arena
from tinyrig.suite.studies.memory.observe import Observation

Fault = Literal["outside", "overlap", "untouched", "past", "verdict"]
_Bytes = NDArray[np.bool_]
_UNIT = 8
"""Bytes that rows may be padded to a multiple of."""


@dataclass(frozen=True)
class Finding:
    """One disagreement in one build.

    outside: a step touched bytes no buffer of its own has at that time. overlap: a step wrote
    bytes that another live buffer still needs. untouched: planned bytes nothing ever used.
    past: accesses or buffers beyond the plan. verdict: the firmware found damage itself.
    `offset` and `size` are bytes of the arena.
    """

    fault: Fault
    build: str
    offset: int
    size: int
    text: str


@dataclass(frozen=True)
class Comparison:
    """What was found in one build, and the bytes no buffer ever has (holes and padding)."""

    build: str
    arena: ArenaMap
    findings: tuple[Finding, ...]
    touched: int
    holes: int


def compare(plan: Plan, observation: Observation) -> Comparison:
    """Return every disagreement between a plan and one observation of it."""
    arena = map_arena(plan, observation.arena)
    check = _Check(plan, arena, observation)
    findings = (
        *check.past(),
        *(found for index in range(len(plan.steps)) for found in check.step(index)),
        *check.untouched(),
        *check.verdict(),
    )
    planned = _covered(arena.size, arena.blocks)
    touched = observation.touched.any(axis=0)
    return Comparison(
        build=observation.build,
        arena=arena,
        findings=findings,
        touched=int(np.count_nonzero(touched)),
        holes=int(np.count_nonzero(~planned)),
    )


@dataclass(frozen=True, eq=False)
class _Check:
    plan: Plan
    arena: ArenaMap
    seen: Observation

    def step(self, index: int) -> Iterator[Finding]:
        """Yield what a step touched and should not have."""
        step = self.plan.steps[index]
        live = self.arena.live(index)
        writes = _written(step)
        reads = {view.storage for view in step.call.reads}
        written = [block for block in live if block.name in writes]
        sums = {view.storage for view in step.call.writes if self.plan.is_sum(view)}
        known = [b for b in live if b.name in reads | sums | {step.scratch}]
        may_write, may_read = self._bytes(written), self._bytes(known)
        where = f"step {index} ({step.name})"
        yield from self._ranges(
            "outside", self.seen.written[index] & ~may_write, f"{where} wrote", live
        )
        yield from self._ranges("outside", self.seen.read[index] & ~may_read, f"{where} read", live)
        kept = [block for block in live if block.name not in writes]
        if not step.loops:
            kept = [b for b in kept if not (b.name in reads and b.last == index)]
        damaged = self.seen.written[index] & may_write & self._held(kept, index)
        yield from self._ranges("overlap", damaged, f"{where} wrote over", kept)

    def _held(self, blocks: Sequence[Block], index: int) -> _Bytes:
        """Return the bytes of buffers that hold something when a step runs.

        A part of a buffer that is still to be written may serve another meanwhile.
        """
        held = np.zeros(self.arena.size, bool)
        loops = set(self.plan.steps[index].loops)
        for block in blocks:
            place = slice(block.offset, block.offset + block.size)
            for writer in range(block.first, block.last + 1):
                step = self.plan.steps[writer]
                before = writer < index or loops & set(step.loops)
                if before and block.name in _written(step):
                    held[place] |= self.seen.written[writer][place]
            if block.kind == "input":
                held[place] = True
        return held

    def untouched(self) -> Iterator[Finding]:
        """Yield the bytes of buffers that no step using the buffer touched in its life."""
        for block in self.arena.blocks:
            if block.kind == "input":
                continue
            users = [
                index
                for index in range(block.first, block.last + 1)
                if block.name in _written(self.plan.steps[index]) | _read(self.plan.steps[index])
            ]
            used = self.seen.touched[users].any(axis=0)
            dead = self._bytes([block]) & ~used & ~self._row_room(block, users)
            if int(dead.sum()) <= self._spare(block):
                continue
            yield from self._ranges("untouched", dead, "nothing ever used", [block])

    def _row_room(self, block: Block, users: Sequence[int]) -> _Bytes:
        """Mark what a buffer's one writer leaves behind each row: it pads rows to whole units."""
        room = np.zeros(self.arena.size, bool)
        calls = [self.plan.steps[index].call for index in users]
        views = [view for call in calls for view in call.writes if view.storage == block.name]
        if len(views) != 1:
            return room
        steps = zip(views[0].strides, views[0].shape, strict=True)
        axes = sorted((step, extent) for step, extent in steps if extent > 1)
        if len(axes) != len(("rows", "columns")) or axes[0][0] != 1:
            return room
        (_, length), (row, rows) = axes
        if length < row < length + _UNIT:
            for start in range(block.offset, block.offset + rows * row, row):
                room[start + length : start + row] = True
        return room

    def _spare(self, block: Block) -> int:
        """Bytes of a scratch that its kernel may leave alone, as the registry says."""
        step = self.plan.steps[block.first]
        return step.kernel.spare if step.scratch == block.name else 0

    def past(self) -> Iterator[Finding]:
        """Yield what lies or was seen beyond the plan."""
        seen, arena = self.seen, self.arena
        for block in arena.blocks:
            over = block.offset + block.extent - arena.size
            if over > 0:
                text = f"{block.name} ends {over} bytes past the arena"
                yield Finding("past", seen.build, block.offset, block.size, text)
        if seen.strays:
            text = (
                f"{seen.strays} accesses to RAM that is neither arena, stack nor static data, "
                f"the first at 0x{seen.first_stray:08x}"
            )
            yield Finding("past", seen.build, arena.size, 0, text)

    def verdict(self) -> Iterator[Finding]:
        """Yield the checks the firmware itself failed."""
        for check in self.seen.boot.transcript.failed_checks():
            text = f"the firmware's own check {check.name} failed {check.failures} times"
            yield Finding("verdict", self.seen.build, 0, 0, text)

    def _bytes(self, blocks: Sequence[Block]) -> _Bytes:
        return _covered(self.arena.size, blocks)

    def _ranges(
        self, fault: Fault, wrong: _Bytes, what: str, blocks: Sequence[Block]
    ) -> Iterator[Finding]:
        for start, end in _runs(wrong):
            owners = [b.name for b in blocks if b.offset < end and start < b.offset + b.size]
            owned = f" of {', '.join(owners)}" if owners else ", planned for nothing then"
            text = f"{what} {end - start} bytes at {start}{owned}"
            yield Finding(fault, self.seen.build, start, end - start, text)


def _written(step: PlannedStep) -> set[str]:
    scratch = set() if step.scratch is None else {step.scratch}
    return {view.storage for view in step.call.writes} | scratch


def _read(step: PlannedStep) -> set[str]:
    return {view.storage for view in step.call.reads}


def _covered(size: int, blocks: Sequence[Block]) -> _Bytes:
    covered = np.zeros(size, bool)
    for block in blocks:
        covered[block.offset : block.offset + block.size] = True
    return covered


def _runs(flags: _Bytes) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of every run of set flags."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    yield from ((int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True))
