"""Booting and proving every plan of a frontier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.pareto import front, pareto_plans
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.models.case import Case
from tinyrig.suite.records.record import Record
from tinyrig.suite.rig.firmware import firmware_of_plan
from tinyrig.suite.rig.measuring import Progress, measure_firmware
from tinyrig.suite.rig.run import RunOptions, Stopwatch, record_of
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.toolchain import Toolchain


@dataclass(frozen=True, eq=False)
class Point:
    """A plan of the frontier with the Record of its run.

    `waits` tells that cycles with the board's memory count: copies are there to spare its waits.
    """

    plan: Plan
    record: Record
    waits: bool = False

    @property
    def cycles(self) -> int:
        """Modelled cycles of an inference: at zero wait states, or with the board's memory."""
        column = "modelled, board" if self.waits else self.record.cycles[0].column
        return next(found.value for found in self.record.cycles if found.column == column)

    @property
    def predicted(self) -> int:
        """The cycles that the plan was to take."""
        return self.plan.cycles + (self.plan.left if self.waits else 0)

    @property
    def ram(self) -> int:
        """Bytes of the arena and of what is copied beside it."""
        memory = self.record.memory
        return memory.arena + memory.copied + memory.copied_code

    @property
    def figures(self) -> tuple[int, int, int]:
        """Cycles, bytes of RAM, bytes of flash."""
        return self.cycles, self.ram, self.record.memory.flash

    @property
    def proven(self) -> bool:
        """Whether every byte is the reference's."""
        return self.record.check.verdict == "match"

    @property
    def ways(self) -> str:
        """How the parts of the graph are executed that are not as the switches state."""
        return ", ".join(dict.fromkeys(way.word for way in self.plan.ways.values()))


def measure(
    case: Case,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    options: RunOptions,
    most: int,
    progress: Progress,
) -> Iterator[Point]:
    """Yield at most `most` plans of a model's frontier, each built, booted and checked."""
    chosen = options.optimisations
    given = case.rewritten(chosen)
    progress("planning")
    plans = pareto_plans(given.graph, board, chosen, most, ref_only=options.ref_only)
    samples = case.samples(1)
    raw = sample_bytes(given.graph, samples[0])
    for number, plan in enumerate(plans, 1):
        progress(f"plan {number} of {len(plans)}")
        watch = Stopwatch()
        firmware = firmware_of_plan(plan, raw, toolchain)
        budget = options.budget_for(plan.graph.macs(), backend)
        measured, _ = measure_firmware(case, firmware, backend, samples, budget, progress)
        record = record_of(case, firmware, toolchain, options, measured, watch)
        yield Point(plan, record, chosen.copies and board.operating_point is not None)


def unbeaten(points: Sequence[Point]) -> list[Point]:
    """Return points but those that another beats, the fastest first; one that is not proven stays.

    What kernels take as code is known only once they are linked: a plan that was to take less flash
    than a faster one may take more.
    """
    proven = [one for one in points if one.proven]
    kept = [proven[place] for place in front([one.figures for one in proven])]
    wrong = [one for one in points if not one.proven]
    return sorted([*kept, *wrong], key=lambda one: one.figures)
