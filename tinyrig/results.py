"""What the functions of `tinyrig` answer: frozen values that show themselves in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tinyrig.generator.frontends.obstacles import Obstacle
from tinyrig.generator.frontends.survey import Survey
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.record import Record
from tinyrig.suite.report.fragments import plan_fragment, record_fragment, survey_fragment
from tinyrig.suite.rig.arena_map import ArenaMap


@dataclass(frozen=True, eq=False)
class Run:
    """A model run on a board: its record, its answers and its memory.

    `outputs` has one entry a sample, arrays by the model's own output names and in its own types.
    """

    record: Record
    outputs: tuple[Sample, ...] = field(repr=False)
    memory: ArenaMap = field(repr=False)

    @property
    def matches(self) -> bool:
        """Whether every output byte is the integer reference's."""
        return self.record.check.verdict == "match"

    @property
    def instructions(self) -> int | None:
        """Instructions of one inference; None where the backend does not count them."""
        return self.record.instructions

    @property
    def peak_ram(self) -> int:
        """Bytes of arena, static data and the deepest stack."""
        return self.record.memory.peak_ram

    @property
    def flash(self) -> int:
        """Bytes of code, weights and tables in the chip's own flash."""
        return self.record.memory.flash

    def _repr_html_(self) -> str:
        return record_fragment(self.record, self.memory)


@dataclass(frozen=True, eq=False)
class MemoryPlan:
    """A model planned on a board, nothing built: kernels and addresses."""

    model: str
    board: str
    memory: ArenaMap = field(repr=False)
    plan: Plan = field(repr=False)

    @property
    def arena(self) -> int:
        """Bytes of the arena: activations and scratch."""
        return self.memory.size

    @property
    def weights(self) -> int:
        """Bytes of weights in flash."""
        return self.plan.flash_bytes("weights")

    def _repr_html_(self) -> str:
        steps = self.plan.steps
        rows = (
            (step.name, step.op, step.kernel.name, f"{self.plan.live_bytes(index):,}")
            for index, step in enumerate(steps)
        )
        return plan_fragment(self.memory, rows)


@dataclass(frozen=True)
class GeneratedProject:
    """A C project on disk. `proven` counts the output bytes that equalled the reference's.

    It is 0 where the firmware was not booted.
    """

    folder: Path
    files: int
    proven: int


@dataclass(frozen=True)
class Check:
    """What stands in the way of a model."""

    survey: Survey = field(repr=False)

    @property
    def runs(self) -> bool:
        """Whether nothing stands in the way."""
        return self.survey.runs

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Every obstacle: node, operator, reason and way out."""
        return self.survey.obstacles

    def _repr_html_(self) -> str:
        return survey_fragment(self.survey)
