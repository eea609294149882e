"""One run: a case on a board, from the graph to the Record."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from generator.errors import BrokenRunError
from generator.graph.graph import Graph
from generator.options import ALL, Options
from generator.planning.board import Board
from suite.backends.embedded import EmbeddedBackend
from suite.backends.interface import DEFAULT_BUDGET, Backend, BootResult
from suite.build.image import Image
from suite.build.toolchain import Toolchain
from suite.cycles import ModelledCycles
from suite.cycles.cached import cached_cycles
from suite.cycles.records import record_cycles
from suite.firmware import Firmware, make_firmware
from suite.models.case import Case, graph_digest
from suite.models.signals import Sample
from suite.records.record import (
    BackendFacts,
    Check,
    Host,
    Layer,
    Memory,
    ModelFacts,
    Record,
    ToolchainFacts,
)
from suite.verdict import answers, dequantized, judge, quantized_inputs, sample_bytes

Progress = Callable[[str], None]
_BUDGET_PER_MAC = 100


@dataclass(frozen=True)
class RunOptions:
    """How to run: optimisations, portable kernels only, instruction budget of a boot."""

    optimisations: Options = ALL
    ref_only: bool = False
    budget: int | None = None

    def budget_for(self, macs: int) -> int:
        """Return the budget of a model: without an own one, in proportion to its MACs."""
        if self.budget is not None:
            return self.budget
        return max(DEFAULT_BUDGET, _BUDGET_PER_MAC * macs)


@dataclass(frozen=True, eq=False)
class RunOutcome:
    """The record, and what the firmware answered to each sample, dequantized."""

    record: Record
    outputs: tuple[dict[str, NDArray[np.float32]], ...]


def run_case(
    case: Case,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    samples: Sequence[Sample],
    options: RunOptions,
    progress: Progress,
) -> RunOutcome:
    """Generate, build, boot and check.

    The ELF holds the case's own first sample, whatever `samples` are, so its hash depends on
    the model alone; each sample is written into the image before its boot.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    progress("generating and compiling")
    firmware = make_firmware(
        case.graph,
        board,
        toolchain,
        sample_bytes(case.graph, case.samples(1)[0]),
        options=options.optimisations,
        ref_only=options.ref_only,
    )
    graph = firmware.plan.graph
    boots: list[BootResult] = []
    for index, sample in enumerate(samples):
        progress(f"booting sample {index + 1} of {len(samples)}")
        raw = sample_bytes(graph, sample)
        boots.append(_boot(backend, firmware, board, raw, options, checked=False))
    checked = _boot(
        backend, firmware, board, sample_bytes(graph, samples[0]), options, checked=True
    )
    if checked.transcript.outputs != boots[0].transcript.outputs:
        raise BrokenRunError(
            f"The clean and the checked build of {case.name!r} answer differently on "
            f"{board.name}: a buffer or the stack is used outside its bounds."
        )
    progress("checking against the reference")
    got = [answers(graph, boot.transcript.outputs) for boot in boots]
    check = judge(case, samples, got, _expected(graph, samples))
    record = _record(case, firmware, toolchain, boots, checked, check, options, started, clock)
    return RunOutcome(record, tuple(dequantized(graph, codes) for codes in got))


def _boot(
    backend: Backend,
    firmware: Firmware,
    board: Board,
    sample: bytes,
    options: RunOptions,
    *,
    checked: bool,
) -> BootResult:
    image = firmware.checked if checked else firmware.clean
    boot = backend.run(
        image,
        board,
        sample=sample,
        profile=isinstance(backend, EmbeddedBackend),  # no other backend can
        budget=options.budget_for(firmware.plan.graph.macs()),
    )
    if not boot.transcript.ok:
        failed = ", ".join(
            f"{check.name} ({check.failures} failures, detail {check.detail})"
            for check in boot.transcript.failed_checks()
        )
        raise BrokenRunError(
            f"The firmware of {firmware.plan.graph.name!r} on {board.name} failed its own "
            f"checks in the {'checked' if checked else 'clean'} build: {failed}."
        )
    return boot


def _expected(graph: Graph, samples: Sequence[Sample]) -> list[dict[str, NDArray[np.int8]]]:
    from suite.reference.executor import run_reference

    return [run_reference(graph, quantized_inputs(graph, sample)) for sample in samples]


def _record(
    case: Case,
    firmware: Firmware,
    toolchain: Toolchain,
    boots: Sequence[BootResult],
    checked: BootResult,
    check: Check,
    options: RunOptions,
    started: datetime,
    clock: float,
) -> Record:
    board = firmware.plan.board
    first = boots[0]
    cycles = _modelled(first, firmware.clean, board)
    return Record(
        model=ModelFacts(
            name=case.name,
            sha256=graph_digest(case),
            macs=firmware.plan.graph.macs(),
            parameters=case.parameters,
        ),
        board=board.name,
        backend=BackendFacts(name=first.backend, version=first.version),
        toolchain=ToolchainFacts(
            name=toolchain.name,
            version=toolchain.version,
            flags=toolchain.compile_flags(board),
        ),
        elf_sha256=firmware.clean.sha256,
        options={"opt": options.optimisations.words(), "ref_only": options.ref_only},
        check=check,
        instructions=first.instructions,
        cycles=() if cycles is None else (record_cycles(cycles, cycles.total),),
        memory=memory_of(firmware, max(boot.stack_high_water for boot in boots)),
        layers=tuple(_layers(firmware, checked)),
        host=Host(
            system=platform.platform(),
            python=platform.python_version(),
            tinyrig=version("tinyrig"),
        ),
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
    )


def memory_of(firmware: Firmware, stack: int) -> Memory:
    """Return the bytes of RAM and flash by category, from the clean image."""
    plan, sizes = firmware.plan, firmware.clean.sizes
    board = plan.board
    outside = sizes.weights if plan.weights_outside else 0
    return Memory(
        arena=plan.clean.size,
        arena_lower_bound=plan.clean.lower_bound,
        arena_planner=plan.clean.planner,
        arena_region=plan.arena_region,
        static=sizes.static_ram,
        stack=stack,
        peak_ram=plan.clean.size + sizes.static_ram + stack,
        ram_limit=board.ram_size,
        flash=sizes.flash - outside,
        flash_code=sizes.code + sizes.rodata + sizes.data,
        flash_weights=sizes.weights - outside,
        flash_tables=sizes.tables,
        flash_limit=board.flash.size,
        external_flash=outside,
        external_flash_limit=board.external_flash.size if board.external_flash else 0,
    )


def _modelled(boot: BootResult, image: Image, board: Board) -> ModelledCycles | None:
    """Return the modelled cycles of a boot; None when its backend gives no profile."""
    return None if boot.profile is None else cached_cycles(boot.profile, image, board.core)


def _layers(firmware: Firmware, checked: BootResult) -> list[Layer]:
    counts = checked.step_instructions or (None,) * len(firmware.plan.steps)
    modelled = _modelled(checked, firmware.checked, firmware.plan.board)
    by_step = {} if modelled is None else modelled.by_step()
    return [
        Layer(
            name=step.name,
            op=step.op,
            kernel=step.kernel.name,
            macs=step.macs,
            instructions=count,
            cycles=() if modelled is None else (record_cycles(modelled, by_step.get(index, 0)),),
            arena=firmware.plan.live_bytes(index),
        )
        for index, (step, count) in enumerate(zip(firmware.plan.steps, counts, strict=True))
    ]
