"""Walks the steps of a plan as the firmware executes them, loops unrolled, in every build's arena.

Every storage also has memory of its own that it shares with nobody. What a step reads in an arena
must be what it would read there; what comes out of that memory must be what the graph says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tinyrig.generator.errors import InternalError
from tinyrig.generator.operators.accesses import Accesses, Block
from tinyrig.generator.operators.table import accesses_of
from tinyrig.generator.operators.values import NOTHING, Ids, fixed, named
from tinyrig.generator.planning.partial import PartialLinear
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.step import Compute, Step
from tinyrig.generator.planning.view import View
from tinyrig.generator.verify.copies import Copies
from tinyrig.generator.verify.memory import UNWRITTEN, Arena, block_at
from tinyrig.generator.verify.overlap import apart, clash
from tinyrig.generator.verify.shared_blocks import SharedBlocks
from tinyrig.generator.verify.sources import Sources
from tinyrig.generator.verify.steps import Maker
from tinyrig.generator.verify.views import as_walked, block_of, by_byte, dense

_SCRATCH = named("scratch")
_GUARD = named("guard")
_ALIGNMENT = 4

Turns = Mapping[int, int]
"""The iteration of every open loop."""


class OutputError(InternalError):
    """Every step was sound, and yet an output is not what the graph says."""


def executions(plan: Plan) -> Iterator[tuple[int, Turns]]:
    """Yield every execution of every step with the iterations of the loops around it."""
    yield from _executions(plan, 0, len(plan.steps), {}, set())


def _executions(
    plan: Plan, start: int, end: int, turns: dict[int, int], opened: set[int]
) -> Iterator[tuple[int, Turns]]:
    index = start
    while index < end:
        loops = plan.steps[index].loops
        inside = loops[len(turns) :]
        if tuple(turns) != loops[: len(turns)]:
            raise _unsound(plan, index, "stands in the middle of a loop that is not its own")
        if not inside:
            yield index, turns
            index += 1
            continue
        loop = inside[0]
        if loop in opened:
            raise _unsound(plan, index, f"opens loop {loop} again")
        stop = index
        while stop < end and loop in plan.steps[stop].loops:
            stop += 1
        for turn in range(plan.schedule.loops[loop]):
            yield from _executions(plan, index, stop, {**turns, loop: turn}, set(opened))
        opened.add(loop)
        index = stop


def _unsound(plan: Plan, index: int, what: str) -> InternalError:
    name = plan.steps[index].name
    return InternalError(f"The plan is not sound: step {index} ({name}) {what}.")


@dataclass(frozen=True, eq=False)
class _Known:
    """What is known of a call whatever the iteration: its accesses and its scratch."""

    accesses: Accesses
    scratch: int


@dataclass(eq=False)
class Walk:
    """One inference of a plan. `tensors` are the graph's values.

    A `strict` walk also asks of the parts of an operator whether they are of its tensor: to tell
    where it goes wrong, once it is known that it does.
    """

    plan: Plan
    arenas: Sequence[Arena]
    tensors: Mapping[str, Ids]
    strict: bool = False
    own: dict[str, Ids] = field(init=False)
    sources: Sources = field(init=False)
    _known: dict[tuple[int, int], _Known] = field(default_factory=dict)
    _ordered: set[tuple[object, ...]] = field(default_factory=set)
    _nodes: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        storages = self.plan.schedule.storages
        self.own = {
            name: np.full(storage.size, NOTHING, np.uint64)
            if storage.data is None
            else fixed(storage.data.ravel())
            for name, storage in storages.items()
        }
        self.maker = Maker(self.plan.graph)
        self.sources = Sources(self.plan)
        self.copies = Copies(storages, self.own, self.arenas)
        self.blocks = SharedBlocks(self.plan, self.arenas)
        self._nodes = frozenset(id(node) for node in self.plan.graph.nodes)

    def run(self) -> None:
        """Execute every step; raise InternalError at the first that is not sound."""
        self.blocks.start(0)
        for name, view in self.plan.schedule.inputs.items():
            values = self.tensors[name].ravel()
            if self.plan.schedule.storages[view.storage].streamed:
                self.own[view.storage][...] = values
            else:
                self._write(view, view.offset, dense(view), values, UNWRITTEN)
        for index, turns in executions(self.plan):
            self._execute(index, turns)
        self._await(len(self.plan.steps), {})
        self._copy(len(self.plan.steps))
        self._end()
        for name, view in self.plan.schedule.outputs.items():
            self._output(name, view)

    def _execute(self, index: int, turns: Turns) -> None:
        step, scheduled = self.plan.steps[index], self.plan.schedule.steps[index]
        turn = 0 if step.varies is None else turns[step.varies]
        known = self._know(index, turn)
        call, accesses = step.calls[turn], known.accesses
        operands = (*step.call.reads, *step.call.writes)
        starts = [self._start(index, view, turns) for view in operands]
        entered = not any(turns.values())
        self._await(index, turns)
        self._guards(index, known.scratch)
        self._copy(index, entered=entered)
        self.blocks.check(index)
        blocks = (*accesses.reads, accesses.write)
        reads = [
            self._read(index, view, at, block)
            for view, at, block in zip(step.call.reads, starts, blocks, strict=False)
        ]
        for view, at, block, end in zip(
            step.call.reads, starts, blocks, accesses.spare, strict=False
        ):
            self._inside(index, view, at, block, end)
        self._sources(index, scheduled, starts)
        target, at = operands[-1], starts[-1]
        before = self._read(index, target, at, accesses.write) if accesses.adds else None
        made = self.maker.make(scheduled, turn, call, reads, before)
        self._order(index, turn, operands, starts)
        self._inside(index, target, at, accesses.write)
        self._write(target, at, accesses.write, made, index)
        self._after(index, known.scratch)
        self.blocks.check(index)
        self._compare(index, made, accesses.write)

    def _sources(self, index: int, scheduled: Step, starts: Sequence[int]) -> None:
        """Readers alone take from streamed inputs, and no byte twice."""
        for view, at in zip(self.plan.steps[index].call.reads, starts, strict=False):
            fault = self.sources.fault(scheduled, view, at)
            if fault is not None:
                raise self._fault(index, fault)

    def _await(self, index: int, turns: Turns) -> None:
        """Before a step with transfers all copies have ended; in a loop there are none."""
        if index in self.plan.schedule.transfers:
            if any(turns.values()):
                raise self._fault(index, "starts copies in more than one iteration of a loop")
            self._end()
            self.copies.start(self.plan.schedule.transfers[index].leaving, max(0, index - 1))
            self.copies.end()
        elif self.blocks.begins(index) and not any(turns.values()):
            self._end()

    def _end(self) -> None:
        self.copies.end()
        self.blocks.end()

    def _copy(self, index: int, *, entered: bool = True) -> None:
        """Start the copies before a step; all phases but the last end before it.

        A block that is not early comes with the first phase, the next one with the last.
        """
        transfers = self.plan.schedule.transfers.get(index)
        phases = transfers.phases if transfers else ()
        begins = entered and self.blocks.begins(index)
        if begins and self.blocks.late(index):
            self.blocks.start(self.blocks.number(index))
            phases = ((),) * (2 - len(phases)) + phases
        for number, phase in enumerate(phases):
            if number:
                self._end()
            self.copies.start(phase, min(index, len(self.plan.steps) - 1))
        if begins:
            self.blocks.follow(index)

    def _know(self, index: int, turn: int) -> _Known:
        """Check what does not depend on the iteration, once."""
        if (index, turn) in self._known:
            return self._known[index, turn]
        step = self.plan.steps[index]
        call = step.calls[turn]
        accesses = accesses_of(call)
        if not apart(accesses.write):
            view, write = step.call.writes[0], accesses.write
            low, high = view.offset + write.first, view.offset + write.end
            raise self._fault(
                index,
                f"writes two elements to one byte, within the bytes [{low}, {high}) of "
                f"{view.storage!r}",
            )
        scratch = step.kernel.scratch_bytes(call, self.plan.board.cores)
        if scratch and step.scratch is None:
            raise self._fault(index, f"has no scratch, and its kernel needs {scratch} bytes")
        self._known[index, turn] = _Known(accesses, scratch)
        return self._known[index, turn]

    def _start(self, index: int, view: View, turns: Turns) -> int:
        """An operand's first byte in its storage, in this iteration."""
        if view.storage not in self.own:
            raise self._fault(index, f"names the storage {view.storage!r}, which does not exist")
        closed = [loop for loop, _ in view.advances if loop not in turns]
        if closed:
            raise self._fault(index, f"moves with loop {closed[0]}, in which it does not stand")
        return view.offset + sum(step * turns[loop] for loop, step in view.advances)

    def _inside(self, index: int, view: View, at: int, block: Block, end: int = 0) -> None:
        storage = self.plan.schedule.storages[view.storage]
        low, high = at + block.first, max(at + block.end, at + end)
        if low < 0 or high > storage.size:
            raise self._fault(
                index,
                f"touches the bytes [{low}, {high}) of {view.storage!r}, which has {storage.size}",
            )
        odd = [a for a in self.arenas if (a.offsets.get(view.storage, 0) + at) % _ALIGNMENT]
        if block.item > 1 and odd:
            raise self._fault(index, f"takes words at byte {at} of {view.storage!r}, unaligned")

    def _read(self, index: int, view: View, at: int, block: Block) -> Ids:
        """The numbers a step reads; in every arena they must be there still."""
        self._inside(index, view, at, block)
        wanted = block_at(self.own[view.storage], at, block)
        if self.plan.schedule.storages[view.storage].in_ram:
            for arena in self.arenas:
                start = arena.offsets[view.storage] + at
                found = block_at(arena.values, start, block)
                if not np.array_equal(found, wanted):
                    self._lost(index, arena, view, start, block, found != wanted)
        return wanted

    def _lost(
        self, index: int, arena: Arena, view: View, start: int, block: Block, wrong: np.ndarray
    ) -> None:
        at = (start + block.addresses())[wrong]
        writer = int(arena.writers[at.min()])
        by = "nobody" if writer == UNWRITTEN else f"step {writer} ({self.plan.steps[writer].name})"
        by = f"the scratch of {by}" if arena.values[at.min()] == _SCRATCH else by
        raise self._fault(
            index,
            f"reads {view.storage!r} at the bytes [{at.min()}, {at.max() + 1}) of the "
            f"{arena.title} arena, {at.size} of which no longer hold it: {by} wrote there last",
        )

    def _write(self, view: View, at: int, block: Block, values: Ids, writer: int) -> None:
        block_at(self.own[view.storage], at, block)[...] = values
        for arena in self.arenas:
            arena.write(arena.offsets[view.storage] + at, block, values, writer)

    def _order(
        self, index: int, turn: int, operands: Sequence[View], starts: Sequence[int]
    ) -> None:
        """What the call writes, it must have read before; asked once for equal distances."""
        step = self.plan.steps[index]
        accesses = self._known[index, turn].accesses
        shared = self.plan.board.cores > 1 and not step.serial
        storages = self.plan.schedule.storages
        for arena in self.arenas:
            places = tuple(
                arena.offsets[view.storage] + at if storages[view.storage].in_ram else None
                for view, at in zip(operands, starts, strict=True)
            )
            last = places[-1]
            if last is None:
                raise self._fault(index, "writes to flash, or to a streamed input")
            key = (arena.title, index, turn, *(p is not None and p - last for p in places))
            if key in self._ordered:
                continue
            self._ordered.add(key)
            mode = step.kernel.overwrite
            early = clash(step.calls[turn], mode, accesses, places, shared=shared)
            if early is not None:
                raise self._fault(
                    index,
                    f"writes the bytes [{early[0]}, {early[1]}) of the {arena.title} arena before "
                    f"it has read them for the last time",
                )

    def _guards(self, index: int, scratch: int) -> None:
        """The step's scratch holds anything; guards that are set now hold their mark."""
        name = self.plan.steps[index].scratch
        for arena in self.arenas:
            if scratch and name is not None:
                start = arena.offsets[name]
                if start < 0 or start % _ALIGNMENT or start + scratch > arena.fast:
                    raise self._fault(
                        index,
                        f"has its scratch at the bytes [{start}, {start + scratch}) of the "
                        f"{arena.title} arena, which has {arena.fast}",
                    )
                arena.spoil(start, start + scratch, _SCRATCH, index)
            for start, end in arena.set_in.get(index, ()):
                arena.spoil(start, end, _GUARD, index)

    def _after(self, index: int, scratch: int) -> None:
        """Scratch must lie apart from what was written, and guards be whole."""
        name = self.plan.steps[index].scratch
        for arena in self.arenas:
            if scratch and name is not None:
                start = arena.offsets[name]
                if (arena.values[start : start + scratch] != _SCRATCH).any():
                    raise self._fault(
                        index,
                        f"writes into its own scratch at the bytes [{start}, {start + scratch}) of "
                        f"the {arena.title} arena",
                    )
            for start, end in arena.checked_in.get(index, ()):
                if (arena.values[start:end] != _GUARD).any():
                    raise self._fault(
                        index,
                        f"ends with the guard at the bytes [{start}, {end}) of the {arena.title} "
                        f"arena overwritten",
                    )

    def _compare(self, index: int, made: Ids, block: Block) -> None:
        """A step that is a whole operator of the graph makes its whole tensor."""
        step = self.plan.schedule.steps[index]
        if not isinstance(step, Compute):
            return
        wanted = as_walked(self.tensors[step.node.outputs[0]], step.node).ravel()
        if id(step.node) in self._nodes and wanted.size == made.size:
            made = made.ravel()
            if step.node.walks == "elements":  # as they lie in memory, not in the tensor's order
                wanted = wanted[by_byte(block_of(step.writes[0]))]
                made = made[by_byte(block)]
            wrong = np.flatnonzero(wanted != made)
        elif self.strict and not isinstance(step.node, PartialLinear):
            wrong = np.flatnonzero(~np.isin(made.ravel(), wanted))
        else:
            return
        if wrong.size:
            view = self.plan.steps[index].call.writes[0]
            raise self._fault(
                index,
                f"makes {wrong.size} elements of {step.node.outputs[0]!r} from other elements than "
                f"the graph does, element {wrong[0]} first; they go to {view.storage!r} from its "
                f"byte {view.offset} on",
            )

    def _output(self, name: str, view: View) -> None:
        wanted = self.tensors[name].ravel()
        block = dense(view)
        if view.offset < 0 or view.offset + wanted.size > len(self.own[view.storage]):
            raise InternalError(f"The plan has output {name!r} outside of {view.storage!r}.")
        memories = [("own", 0, self.own[view.storage])]
        memories += [(a.title, a.offsets[view.storage], a.values) for a in self.arenas]
        for title, base, memory in memories:
            wrong = np.flatnonzero(block_at(memory, base + view.offset, block) != wanted)
            if wrong.size:
                first, end = base + view.offset + wrong[0], base + view.offset + wrong[-1] + 1
                raise OutputError(
                    f"The plan is not sound: at its end, output {name!r} of the graph is not at "
                    f"the bytes [{first}, {end}) of its {title} memory."
                )

    def _fault(self, index: int, what: str) -> InternalError:
        return _unsound(self.plan, index, what)
