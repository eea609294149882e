"""From a job to its Record, its evidence and its two ELFs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.bench.answers import answer_key, load_answer, save_answer
from tinyrig.suite.bench.evidence import (
    BlockCost,
    Evidence,
    PlannedBuffer,
    PlannedLoop,
    PlannedTable,
)
from tinyrig.suite.bench.folder import Result, save_result
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.sources import sources_of
from tinyrig.suite.cycles import BlockCycles
from tinyrig.suite.cycles.program import Program
from tinyrig.suite.models.arrays import read_calibration, samples_from
from tinyrig.suite.models.case import resolve
from tinyrig.suite.models.extents import parse_extents
from tinyrig.suite.records.record import Record
from tinyrig.suite.rig.arena_map import map_arena
from tinyrig.suite.rig.firmware import Firmware
from tinyrig.suite.rig.measuring import Measurement, Progress, measure_firmware
from tinyrig.suite.rig.run import RunOptions, Stopwatch, firmware_of, record_of
from tinyrig.suite.toolchain.toolchain import load_toolchain

_REPEATS = 8
"""Boots of a board whose cycles differ from boot to boot, for the gate's rank test."""


@dataclass(frozen=True)
class Measured:
    """What a job gave. `booted` is False when an identical firmware had answered before."""

    record: Record
    evidence: Evidence
    clean: bytes = field(repr=False)
    checked: bytes = field(repr=False)
    booted: bool

    def save(self, folder: Path) -> Result:
        """Write the job's results below a folder; InputError when it cannot be written."""
        return save_result(folder, self.record, self.evidence, self.clean, self.checked)


def _quiet(message: str) -> None:
    """Progress nobody watches."""


def measure_job(job: Job, progress: Progress = _quiet) -> Measured:
    """Plan, build, boot unless the answer is known, and check a job, with its first sample.

    A wrong output is a Record with the verdict mismatch, not an error. Every other failure is
    the TinyrigError of the step that failed.
    """
    watch = Stopwatch()
    board = load_board(job.board).limited(job.cores, job.l1)
    toolchain = load_toolchain(job.toolchain, board.compiler)
    backend = load_backend(job.backend)
    options = RunOptions(parse_options(job.options, ()), ref_only=job.ref_only)
    progress("reading the model")
    calibration = None if job.calibration is None else read_calibration(Path(job.calibration))
    case = resolve(job.model, job.dims, calibration, parse_extents(job.dim, job.shape))
    progress("generating and compiling")
    firmware = firmware_of(case, board, toolchain, options)
    samples = case.samples(1) if job.data is None else samples_from(Path(job.data), case)[0][:1]
    key = answer_key(case, firmware, backend, samples[0])
    measured = load_answer(key)
    booted = measured is None
    if measured is None:
        budget = options.budget_for(firmware.plan.graph.macs(), backend)
        measured, _ = measure_firmware(
            case, firmware, backend, samples, budget, progress, repeats=_REPEATS
        )
        save_answer(key, measured)
    return Measured(
        record=record_of(case, firmware, toolchain, options, measured, watch),
        evidence=_evidence(job, firmware, measured),
        clean=firmware.clean.elf,
        checked=firmware.checked.elf,
        booted=booted,
    )


def _evidence(job: Job, firmware: Firmware, measured: Measurement) -> Evidence:
    plan, program = firmware.plan, Program(firmware.checked)
    arena = map_arena(plan, plan.clean)
    return Evidence(
        job=job,
        clean_sha256=firmware.clean.sha256,
        checked_sha256=firmware.checked.sha256,
        layers=tuple(step.name for step in plan.steps),
        kernels=tuple(step.kernel.name for step in plan.steps),
        blocks=tuple(_cost(found, program) for found in measured.blocks),
        buffers=tuple(
            PlannedBuffer(
                name=block.name,
                size=block.size,
                offset=block.offset,
                first=block.first,
                last=block.last,
                kind=block.kind,
            )
            for block in arena.blocks
        ),
        tables=tuple(_tables(plan)),
        sources=sources_of(firmware.project),
        loops=tuple(
            PlannedLoop(first=loop.first, last=loop.last, count=loop.count, depth=loop.depth)
            for loop in arena.loops
        ),
        measured=measured.measured,
    )


def _cost(found: BlockCycles, program: Program) -> BlockCost:
    return BlockCost(
        step=found.step,
        function=found.function,
        address=found.block.address,
        offset=program.offset(found.block),
        size=found.block.size,
        count=found.count,
        cycles=found.cycles,
    )


def _tables(plan: Plan) -> Iterator[PlannedTable]:
    for digest, (name, table) in plan.tables.items():
        yield PlannedTable(name=name, kind=table.kind, size=table.values.nbytes, sha256=digest)
