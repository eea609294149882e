"""What a plan copies from flash to RAM at start: tables and kernels, which share what is free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.generator.options import Options
from tinyrig.generator.planning.board import ARENA_ALIGNMENT
from tinyrig.generator.planning.constants import constants_of
from tinyrig.generator.planning.hot_code import (
    KernelUse,
    RamCode,
    data_behind,
    data_size,
    plan_code,
)
from tinyrig.generator.planning.hot_tables import (
    HotStep,
    RamCopies,
    Room,
    data_end,
    plan_copies,
    rooms_beside,
    table_waits,
)
from tinyrig.generator.planning.planned_step import PlannedStep
from tinyrig.generator.planning.search.laid import Laid
from tinyrig.generator.planning.search.selection import Selection
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.step import Schedule


@dataclass(frozen=True)
class Copied:
    """What is copied, and the cycles an inference is predicted to wait for what is not."""

    tables: RamCopies | None
    code: RamCode | None
    left: int

    @property
    def saved(self) -> int:
        """Cycles an inference is estimated to wait less."""
        return sum(one.saved for one in (self.tables, self.code) if one)


@dataclass(frozen=True, eq=False)
class Copying:
    """A plan whose buffers have addresses; `arena` is its region and its bytes."""

    space: Space
    found: Laid
    steps: Sequence[PlannedStep]
    selection: Selection
    arena: tuple[str, int]
    flash: str

    def best(self) -> Copied:
        """Return what saves most of what the options permit: tables first, or kernels first."""
        options = self.space.options
        if not options.copies:
            return Copied(None, None, self.selection.waits)
        tables = self._tables(None) if options.weights_in_ram else None
        permits_code = options.code_in_ram and options.optimize != "ram"
        code = self._code(tables) if permits_code else None
        best = self._copied(tables, code)
        if options.weights_in_ram and permits_code:
            first = self._code(None)
            best = max(best, self._copied(self._tables(first), first), key=lambda one: one.saved)
        return best

    def _copied(self, tables: RamCopies | None, code: RamCode | None) -> Copied:
        return Copied(tables, code, self._left(tables, code))

    def _left(self, tables: RamCopies | None, code: RamCode | None) -> int:
        """Return what is still waited for; of tables by the lower of two estimates.

        That of the copies does not know which lines a cache keeps.
        """
        inside = code.kernels if code else ()
        fetched = zip(self.selection.kernels, self.selection.fetched, strict=True)
        left = sum(waits for kernel, waits in fetched if kernel.name not in inside)
        for_tables = tables.left if tables else self._table_waits()
        if self.selection.waits:
            counted = self.selection.waits - sum(self.selection.fetched)
            for_tables = min(for_tables, counted)
        return left + for_tables

    def _table_waits(self) -> int:
        return table_waits(self.space.board, self._hot_steps(), flash=self.flash)

    def _tables(self, code: RamCode | None) -> RamCopies | None:
        """Return what is copied of the tables beside the arena and copied code."""
        board = self.space.board
        return plan_copies(
            board,
            self._hot_steps(),
            arena=self.arena,
            flash=self.flash,
            most=self._spare(code),
            rooms=None if code is None else list(self._rooms(code)),
        )

    def _rooms(self, code: RamCode) -> Iterator[Room]:
        """Yield the rooms for tables before copied code, and behind it."""
        board = self.space.board
        for room in rooms_beside(board, self.arena):
            region = board.region(room.region)
            less = region.size - data_size(board, region.name, code)
            yield Room(region.name, room.size - less)
            behind = data_behind(board, code)
            if less and behind is not None:
                yield Room(region.name, behind.size - ARENA_ALIGNMENT, behind=True)

    def _code(self, tables: RamCopies | None) -> RamCode | None:
        """Return what is copied of the kernels beside the arena and copied tables."""
        board, data = self.space.board, 0
        name = board.layout.code_region
        if name and (holding := board.aliased(board.region(name))) is not None:
            data = data_end(board, holding.name, self.arena)
            data += tables.taken_from(holding.name) if tables else 0
        return plan_code(board, self._uses(), most=self._spare(tables), data=data)

    def _spare(self, other: RamCode | RamCopies | None) -> int | None:
        """Return the bytes that a limit of RAM leaves for copies; None without one."""
        return _spare_ram(self.space.options, self.arena[1] + (other.size if other else 0))

    def _uses(self) -> Iterator[KernelUse]:
        schedule, chosen = self.found.schedule, self.selection
        spent = zip(chosen.each, chosen.fetched, strict=True)
        for planned, step, both in zip(self.steps, schedule.steps, spent, strict=True):
            if not planned.is_read:
                yield KernelUse(planned.kernel, schedule.executions(step), *both)

    def _hot_steps(self) -> list[HotStep]:
        schedule = self.found.schedule
        return [_hot_step(schedule, index, step) for index, step in enumerate(self.steps)]


def _spare_ram(options: Options, taken: int) -> int | None:
    """Return how many bytes a limit of RAM leaves beside those taken; None without one."""
    return max(0, options.max_ram - taken) if options.max_ram else None


def _hot_step(schedule: Schedule, index: int, step: PlannedStep) -> HotStep:
    return HotStep(
        calls=step.calls,
        pack=step.kernel.pack,
        executions=schedule.executions(schedule.steps[index]),
        loops=step.loops,
        constants=constants_of(schedule, step),
        readings=step.kernel.readings,
    )
