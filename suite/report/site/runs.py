"""A folder of results as the site shows it: one value a run, and what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import get_args

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.buffer import align
from tinyrig.suite.bench.evidence import Evidence
from tinyrig.suite.bench.folder import Result, results
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.log import load_log
from tinyrig.suite.gate.budgets import Budget
from tinyrig.suite.records.record import Column, Cycles, Record
from tinyrig.suite.rig.arena_map import ArenaMap, Block, Loop
from tinyrig.suite.studies.ablation.document import Ablation, load_ablation
from tinyrig.suite.studies.memory.observed import Observed, load_observed

Source = Column
SOURCES: tuple[Source, ...] = get_args(Column)
"""Where cycles come from; each has a column of its own everywhere."""

ABLATION = "ablation.json"
_PLAIN = Job(model="", board="")


@dataclass(frozen=True)
class Headroom:
    """A figure against a limit: `of` says whose limit it is, `unit` what is counted."""

    name: str
    of: str
    value: int
    limit: int
    unit: str

    @property
    def share(self) -> float:
        """Value over limit; 1 is full."""
        return self.value / self.limit if self.limit else float(self.value > 0)

    @property
    def over(self) -> bool:
        """Whether the limit is passed."""
        return self.value > self.limit


@dataclass(frozen=True)
class Run:
    """One job's results, with its budget where it has one."""

    record: Record
    evidence: Evidence
    budget: Budget | None
    observed: Observed | None = None
    ablation: Ablation | None = None

    @property
    def model(self) -> str:
        """The model's name, dimensions of a free block included."""
        return self.record.model.name

    @property
    def variant(self) -> str:
        """What sets the job apart from a plain one, empty for a plain job."""
        return variant(self.evidence.job)

    @property
    def label(self) -> str:
        """The board, and the variant where there is one."""
        return f"{self.record.board} ({self.variant})" if self.variant else self.record.board

    @property
    def match(self) -> bool:
        """Whether the firmware answered as the reference does."""
        return self.record.check.verdict == "match"

    def cycles(self, source: Source) -> Cycles | None:
        """Return the whole run's cycles from one source; None without."""
        return next((one for one in self.record.cycles if one.column == source), None)

    @cached_property
    def headroom(self) -> tuple[Headroom, ...]:
        """Every figure that has a limit: the budget's first, then the board's."""
        memory, budget = self.record.memory, self.budget
        found: list[Headroom] = []
        if budget is not None:
            found = [
                Headroom("peak RAM", "budget", memory.peak_ram, budget.peak_ram, "bytes"),
                Headroom("flash", "budget", memory.flash, budget.flash, "bytes"),
            ]
            if self.record.instructions is not None:
                count = self.record.instructions
                found.append(
                    Headroom("instructions", "budget", count, budget.instructions, "instructions")
                )
        found += [
            Headroom("peak RAM", "board", memory.peak_ram, memory.ram_limit, "bytes"),
            Headroom("flash", "board", memory.flash, memory.flash_limit, "bytes"),
        ]
        if memory.external_flash:
            outside, limit = memory.external_flash, memory.external_flash_limit
            found.append(Headroom("external flash", "board", outside, limit, "bytes"))
        return tuple(found)

    def limit(self, name: str, of: str) -> Headroom | None:
        """Return a figure against one limit; None when it has no such limit."""
        return next((one for one in self.headroom if (one.name, one.of) == (name, of)), None)

    @property
    def over(self) -> tuple[Headroom, ...]:
        """The limits that are passed."""
        return tuple(one for one in self.headroom if one.over)

    @cached_property
    def arena(self) -> ArenaMap | None:
        """The plan's buffers; None when it has none."""
        evidence, memory = self.evidence, self.record.memory
        if not evidence.buffers:
            return None
        blocks = (
            Block(b.name, b.kind, b.offset, b.size, align(b.size), b.first, b.last)
            for b in evidence.buffers
        )
        return ArenaMap(
            model=self.model,
            board=self.record.board,
            planner=memory.arena_planner,
            size=memory.arena,
            lower_bound=memory.arena_lower_bound,
            steps=evidence.layers,
            blocks=tuple(sorted(blocks, key=lambda b: (b.offset, b.first, b.name))),
            loops=tuple(Loop(o.first, o.last, o.count, o.depth) for o in evidence.loops),
        )


@dataclass(frozen=True)
class Runs:
    """All runs that could be read, by model and label; a sentence for each that could not."""

    runs: tuple[Run, ...]
    problems: tuple[str, ...] = ()

    @property
    def models(self) -> Mapping[str, tuple[Run, ...]]:
        """The runs of each model."""
        found: dict[str, list[Run]] = {}
        for run in self.runs:
            found.setdefault(run.model, []).append(run)
        return {model: tuple(runs) for model, runs in found.items()}

    @property
    def boards(self) -> tuple[str, ...]:
        """Every board of a run, those with most runs first."""
        counts = Counter(run.record.board for run in self.runs)
        return tuple(sorted(counts, key=lambda board: (-counts[board], board)))

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources of cycles any run has."""
        return tuple(one for one in SOURCES if any(run.cycles(one) for run in self.runs))


def variant(job: Job) -> str:
    """Return the words in which a job differs from the default ones, empty when it does not."""
    words = [job.toolchain] if job.toolchain != _PLAIN.toolchain else []
    words += [job.backend] if job.backend != _PLAIN.backend else []
    return ", ".join((*words, *job.options))


def read_runs(folder: Path, budgets: Mapping[tuple[str, str], Budget]) -> Runs:
    """Read a results folder; a job that cannot be used becomes a problem, the rest is read.

    So does a job that the bench's own log says gave nothing. Budgets are of plain jobs.
    InputError when there is no such folder.
    """
    runs: list[Run] = []
    problems = list(_failed(folder))
    for result in results(folder):
        try:
            runs.append(_read(result, budgets))
        except InputError as error:
            problems.append(str(error))
    ordered = sorted(runs, key=lambda run: (run.model, run.variant, run.record.board))
    return Runs(tuple(ordered), tuple(problems))


def _failed(folder: Path) -> Iterator[str]:
    """Yield what the bench's log says of jobs that left no results."""
    try:
        log = load_log(folder)
    except InputError as error:
        yield str(error)
        return
    for job in () if log is None else log.jobs:
        if job.code and not (folder / job.name / "record.json").is_file():
            yield f"{job.name}: {job.message}"


def _read(result: Result, budgets: Mapping[tuple[str, str], Budget]) -> Run:
    record, evidence = result.record, result.evidence
    for wrong in _inconsistencies(record, evidence):
        raise InputError(f"{result.path}: {wrong}.")
    plain = not variant(evidence.job)
    return Run(
        record=record,
        evidence=evidence,
        budget=budgets.get((record.model.name, record.board)) if plain else None,
        observed=load_observed(result),
        ablation=kept_ablation(result),
    )


def _inconsistencies(record: Record, evidence: Evidence) -> Iterator[str]:
    """Yield what no run could have left, so that no page is drawn from it."""
    if evidence.clean_sha256 != record.elf_sha256:
        yield "the evidence is of another ELF than the record"
    count = len(evidence.layers)
    if count != len(evidence.kernels) or count != len(record.layers):
        yield "record and evidence have different layers"
    lives = [(one.first, one.last) for one in evidence.buffers]
    lives += [(one.first, one.last) for one in evidence.loops]
    if any(not first <= last < count for first, last in lives):
        yield "a buffer or a loop is of layers that do not exist"
    if any(block.step is not None and block.step >= count for block in evidence.blocks):
        yield "a block is of a layer that does not exist"


def kept_ablation(result: Result) -> Ablation | None:
    """Return the ablation of the job's present ELF; None when there is none."""
    path = result.path / ABLATION
    if not path.is_file():
        return None
    found = load_ablation(path)
    return found if found.elf_sha256 == result.record.elf_sha256 else None
