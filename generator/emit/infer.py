"""The body of `tr_infer`: one line a kernel call, loops around streams, markers and guards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from tinyrig.generator.emit.names import (
    block_place,
    block_source,
    params_of,
    source_name,
    stage_name,
    table_of,
)
from tinyrig.generator.planning.arena import ArenaPlan
from tinyrig.generator.planning.buffer import Buffer
from tinyrig.generator.planning.lifetime import loop_ranges
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.planned_step import PlannedStep
from tinyrig.generator.planning.step import Move
from tinyrig.generator.planning.view import View

_INDENT = "  "
_LONGEST = 24
"""Statements of a function of a tiled plan."""


def infer_functions(plan: Plan, arena: ArenaPlan, *, checked: bool) -> list[list[str]]:
    """Return the statements of one inference, those of one function together.

    A checked build has markers and guards, and stops before a call that its kernel refuses.
    A plan of many parts is one function for every few: a compiler keeps the addresses that recur
    in one function on its stack, of which a cluster's core has little.
    """
    printer = _printed(plan, arena, checked=checked)
    if plan.streamed or not plan.schedule.parts or len(printer.lines) <= _LONGEST:
        return [printer.lines or ["(void)a;"]]  # a model may hand on its inputs as they came
    found: list[list[str]] = []
    start = 0
    for place, end in enumerate(printer.ends):
        following = printer.ends[place + 1] if place + 1 < len(printer.ends) else end
        if following - start > _LONGEST or end == len(printer.lines):
            found.append(printer.lines[start:end])
            start = end
    return [*found, printer.lines[start:]] if start < len(printer.lines) else found


def load_lines(plan: Plan, arena: ArenaPlan) -> list[str]:
    """Return the statements that go before the first inference, where it does not begin a copy."""
    printer = _Printer(plan, arena, checked=False)
    if plan.residents is not None and plan.residents.ahead:
        printer.prefetch(0)
    return printer.lines


def _printed(plan: Plan, arena: ArenaPlan, *, checked: bool) -> _Printer:
    printer = _Printer(plan, arena, checked)
    if plan.residents is not None and not plan.residents.ahead:
        printer.prefetch(0)
    for index in range(len(plan.steps)):
        printer.step(index)
        if not printer.depth:
            printer.ends.append(len(printer.lines))
    printer.close()
    return printer


def _moved(view: View) -> str:
    return "".join(f" + i{loop} * {step}" for loop, step in view.advances)


def _outlives(end: int, buffer: Buffer) -> bool:
    return buffer.last >= end


@dataclass(eq=False)
class _Printer:
    plan: Plan
    arena: ArenaPlan
    checked: bool
    lines: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    depth: int = 0
    copying: bool = False

    def __post_init__(self) -> None:
        self.ranges = loop_ranges(self.plan.steps)
        self.tiled = bool(self.plan.schedule.parts)
        layers = enumerate(self.plan.layers)
        self.layers = [layer for layer, (first, end) in layers for _ in range(first, end)]

    def step(self, index: int) -> None:
        """Print a step, the loops that open before it and close after it, and the guards."""
        step = self.plan.steps[index]
        self._await_block(index)
        born = self._guarded(lambda b: b.first == index)
        dead = self._guarded(lambda b: min(b.last, len(self.plan.steps) - 1) == index)
        for loop in step.loops:
            start, end = self.ranges[loop]
            if start == index:
                born = self._guards("set", born, partial(_outlives, end))
                self._open(loop)
        self._guards("set", born, lambda _: True)
        self._call(index, step)
        closing = [loop for loop in step.loops if self.ranges[loop][1] == index]
        inside = [b for b in dead if all(self.ranges[loop][0] < b.first for loop in closing)]
        self._guards("check", inside, lambda _: True)
        outside = [b for b in dead if b not in inside]
        for loop in reversed(closing):
            self._close()
            outer = closing[: closing.index(loop)]
            done = [b for b in outside if all(self.ranges[o][0] < b.first for o in outer)]
            outside = [b for b in outside if b not in done]
            self._guards("check", done, lambda _: True)

    def prefetch(self, number: int) -> None:
        """Start the copy of a block, if there is one of that number; behind the last is the first
        where it is copied ahead.

        Before that begin the copies to slow memory of blocks that lie behind it, and the end of
        this one's is awaited.
        """
        residents = self.plan.residents
        self._stage(number)
        if residents is not None and residents.ahead:
            number %= len(residents.blocks)
        if residents is not None and number < len(residents.blocks):
            name = block_source(self.plan, number)
            place = block_place(self.plan, number, self.arena)
            if self.tiled:
                source = f"(const uint8_t *)&{name}"
                self._start(f"{place}, {source}, sizeof {name}, 0U, 0U, 1U")
            else:
                self._line(f"tr_prefetch_start({place}, &{name}, sizeof {name});")

    def _stage(self, number: int) -> None:
        stages = self.plan.stages
        if stages is None:
            return
        for stage in stages.starting(number - 1):
            name = stage_name(stage.block)
            self._line(f"tr_l3_start(tr_stage + {stage.offset}, &{name}, sizeof {name});")
        awaited = stages.of(number)
        if awaited is not None:
            self._line(f"tr_l3_wait({stages.under_way(awaited)}U);")

    def close(self) -> None:
        """Print the copies behind the last step."""
        if len(self.plan.steps) in self.plan.schedule.transfers:
            self._leave(len(self.plan.steps))
            self._copies(len(self.plan.steps))

    def _await_block(self, index: int) -> None:
        """Before a block's first step: wait for it, and have the next one copied.

        What is waited is part of the layer. In a tiled plan all copies are awaited at once.
        """
        block = self._block_from(index)
        if not self.tiled:
            if block is not None:
                self._mark("begin", index)
                self._line("tr_prefetch_wait();")
                self._mark("end", index)
                self.prefetch(block + 1)
        elif block is not None or index in self.plan.schedule.transfers:
            self._mark("begin", index)
            self._leave(index)
            if self._copies_first(index):
                self._copies(index)
            self._mark("end", index)

    def _block_from(self, index: int) -> int | None:
        """The number of the block whose first step this is."""
        residents = self.plan.residents
        if residents is None:
            return None
        number = residents.block_of(index)
        return number if residents.blocks[number].first == index else None

    def _leave(self, index: int) -> None:
        """Await all that is under way, and then what leaves fast memory before a step."""
        self._wait()
        transfers = self.plan.schedule.transfers.get(index)
        for move in transfers.leaving if transfers else ():
            self._start(self._move(move))
        self._wait()

    def _copies(self, index: int) -> None:
        """Start a step's copies, each phase but the last awaited, and then the next block's.

        With the first phase comes the step's own block, where that was not copied earlier.
        """
        transfers = self.plan.schedule.transfers.get(index)
        block = self._block_from(index) if index < len(self.plan.steps) else None
        phases = transfers.phases if transfers else ()
        if block is not None and not self._early(block):
            self.prefetch(block)
            phases = ((),) * (2 - len(phases)) + phases
        for number, phase in enumerate(phases):
            if number:
                self._wait()
            for move in phase:
                self._start(self._move(move))
        if block is not None and self._early(block + 1):
            self.prefetch(block + 1)

    def _start(self, move: str) -> None:
        self._line(f"tr_move_start({move});")
        self.copying = True

    def _wait(self) -> None:
        """Await the copies under way; a kernel's own barrier has told that all cores are done."""
        if self.copying:
            self._line("tr_move_wait();")
        self.copying = False

    def _copies_first(self, index: int) -> bool:
        """True where copies go before all else of a step: before its loop, or before its call is
        checked, whose parameters they bring."""
        block = self._block_from(index)
        return bool(self.plan.steps[index].loops) or (block is not None and not self._early(block))

    def _early(self, block: int) -> bool:
        """True where a block is copied while the one before it is used."""
        residents = self.plan.residents
        return residents is None or block >= len(residents.blocks) or residents.blocks[block].early

    def _move(self, move: Move) -> str:
        assert self.plan.spill is not None
        fast = self.arena.offsets[move.fast] + move.fast_offset
        slow = self.plan.spill.offsets[move.slow] + move.slow_offset
        stride = move.stride if move.runs > 1 else 0
        sizes = f"{move.size}U, {move.length}U, {stride}U, {int(move.inward)}U"
        return f"arena + {fast}, tr_spill + {slow}, {sizes}"

    def _mark(self, end: str, index: int) -> None:
        if self.checked:
            self._line(f"tr_step_{end}({self.layers[index]}U);")

    def _guarded(self, belongs: Callable[[Buffer], bool]) -> list[Buffer]:
        if not (self.checked and self.plan.guarded):
            return []
        return [buffer for buffer in self.plan.buffers if belongs(buffer)]

    def _guards(
        self, action: str, buffers: list[Buffer], chosen: Callable[[Buffer], bool]
    ) -> list[Buffer]:
        """Print the guards of the chosen buffers; return the others."""
        for buffer in filter(chosen, buffers):
            offset = self.arena.offsets[buffer.name] + buffer.aligned
            self._line(f"tr_guard_{action}(arena, {offset}U);")
        return [buffer for buffer in buffers if not chosen(buffer)]

    def _line(self, text: str) -> None:
        self.lines.append(_INDENT * self.depth + text)

    def _open(self, loop: int) -> None:
        count = self.plan.schedule.loops[loop]
        self._line(f"for (int32_t i{loop} = 0; i{loop} < {count}; i{loop}++) {{")
        self.depth += 1

    def _close(self) -> None:
        self.depth -= 1
        self._line("}")

    def _call(self, index: int, step: PlannedStep) -> None:
        if step.is_read:
            self._marked(index, [self._read(index, step)])
            return
        operands = [self._operand(index, v) for v in (*step.call.reads, *step.call.writes)]
        scratch = "0" if step.scratch is None else f"a + {self.arena.offsets[step.scratch]}"
        chosen = "" if step.varies is None else f" + i{step.varies}"
        params = f"{params_of(self.plan, index)}{chosen}"
        arguments = ", ".join([params, *operands, scratch])
        if self.checked:
            self._line(f"if (!{step.kernel.name}_accepts({params})) {{ __builtin_trap(); }}")
        call = f"{step.kernel.name}({arguments});"
        if step.serial:
            alone = f"if (tr_cluster_core() == 0U) {{ {call} }}"
            self._marked(index, [alone, "tr_cluster_barrier();"])
        else:
            self._marked(index, [call])

    def _marked(self, index: int, lines: Sequence[str]) -> None:
        """Print a step's lines between its markers, behind the copies that it starts."""
        self._mark("begin", index)
        if self.tiled and not self._copies_first(index):
            self._copies(index)
        for line in lines:
            self._line(line)
        self._mark("end", index)

    def _read(self, index: int, step: PlannedStep) -> str:
        """The call of a streamed input's reader."""
        source, target = step.call.reads[0], step.call.writes[0]
        x = source_name(self.plan, source.storage)
        offset = (
            f"(size_t)({source.offset}{_moved(source)})" if source.advances else f"{source.offset}U"
        )
        return f"{x}->read({x}->context, {offset}, {source.size}U, {self._operand(index, target)});"

    def _operand(self, index: int, view: View) -> str:
        table = self.plan.constant(view)
        moved = _moved(view)
        if table is not None:
            return f"{table_of(self.plan, index, table)} + {view.offset}{moved}"
        spill = self.plan.spill
        if spill is not None and view.storage in spill.offsets:
            return f"(int8_t *)tr_spill + {spill.offsets[view.storage] + view.offset}{moved}"
        place = f"a + {self.arena.offsets[view.storage] + view.offset}{moved}"
        return f"(void *)({place})" if self.plan.is_sum(view) else place
