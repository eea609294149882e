"""One run: a case on a board, from the graph to the Record."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np

from tinyrig.generator.graph.ops import Conv, Linear
from tinyrig.generator.operators.recurrent import Recurrent
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.generator.planning.sparse_packing import is_balanced
from tinyrig.generator.planning.step import Compute
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.models.case import Case, graph_digest
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.record import (
    Host,
    Layer,
    LayerWeights,
    Memory,
    ModelFacts,
    PowerFacts,
    Record,
    StreamedInput,
    ToolchainFacts,
)
from tinyrig.suite.rig.firmware import Firmware, make_firmware
from tinyrig.suite.rig.measuring import Measurement, Progress, measure_firmware
from tinyrig.suite.rig.verdict import own_outputs, sample_bytes
from tinyrig.suite.toolchain.toolchain import Toolchain

_BUDGET_PER_MAC = 100


@dataclass(frozen=True)
class RunOptions:
    """How to run: optimisations, portable kernels only, instruction budget of a boot.

    `clock_mhz` is the clock times are of, None for the board's own.
    """

    optimisations: Options = ALL
    ref_only: bool = False
    budget: int | None = None
    clock_mhz: float | None = None

    def budget_for(self, macs: int, backend: Backend) -> int:
        """Return the budget of a model: without an own one the backend's, or more in proportion
        to its MACs."""
        if self.budget is not None:
            return self.budget
        return max(backend.capabilities.budget, _BUDGET_PER_MAC * macs)


@dataclass(frozen=True, eq=False)
class RunOutcome:
    """The record, the plan, and the answers to each sample in the model's own types.

    `outputs` go by the graph's safe names.
    """

    record: Record
    outputs: tuple[Sample, ...]
    plan: Plan


class Stopwatch:
    """When a run began, and how long it has taken."""

    def __init__(self) -> None:
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self._clock = time.monotonic()

    def seconds(self) -> float:
        """Return the seconds since the start, in thousandths."""
        return round(time.monotonic() - self._clock, 3)


def run_case(
    case: Case,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    samples: Sequence[Sample],
    options: RunOptions,
    progress: Progress,
) -> RunOutcome:
    """Generate, build, boot and check."""
    watch = Stopwatch()
    progress("generating and compiling")
    firmware = firmware_of(case, board, toolchain, options)
    graph = firmware.plan.graph
    budget = options.budget_for(graph.macs(), backend)
    measured, got = measure_firmware(case, firmware, backend, samples, budget, progress)
    record = record_of(case, firmware, toolchain, options, measured, watch)
    outputs = tuple(own_outputs(graph, codes) for codes in got)
    return RunOutcome(record, outputs, firmware.plan)


def firmware_of(case: Case, board: Board, toolchain: Toolchain, options: RunOptions) -> Firmware:
    """Plan, print and build a case.

    The ELF holds the case's own first sample, whatever is run later, so its hash depends on the
    model alone; each sample is written into the image before its boot.
    """
    graph = case.rewritten(options.optimisations).graph
    return make_firmware(
        graph,
        board,
        toolchain,
        sample_bytes(graph, case.samples(1)[0]),
        options=options.optimisations,
        ref_only=options.ref_only,
    )


def record_of(
    case: Case,
    firmware: Firmware,
    toolchain: Toolchain,
    options: RunOptions,
    measured: Measurement,
    watch: Stopwatch,
) -> Record:
    """Return the Record of a firmware that was measured."""
    board = firmware.plan.board
    return Record(
        model=ModelFacts(
            name=case.name,
            sha256=graph_digest(case.rewritten(options.optimisations)),
            macs=firmware.plan.graph.macs(),
            parameters=case.parameters,
        ),
        board=board.name,
        operating_point=board.point_name,
        backend=measured.backend,
        toolchain=ToolchainFacts(
            name=toolchain.name,
            version=toolchain.version,
            flags=toolchain.compile_flags(board),
        ),
        elf_sha256=firmware.clean.sha256,
        options=_options(firmware, options),
        check=measured.check,
        instructions=measured.instructions,
        cycles=measured.cycles,
        memory=memory_of(firmware, measured.stack),
        layers=tuple(_layers(firmware, measured)),
        host=Host(
            system=platform.platform(),
            python=platform.python_version(),
            tinyrig=version("tinyrig"),
        ),
        started=watch.started,
        seconds=watch.seconds(),
        clock_mhz=(clock := options.clock_mhz or board.product_mhz),
        power=power_facts(board, clock),
        streamed=streamed_inputs(firmware.plan),
    )


def streamed_inputs(plan: Plan) -> tuple[StreamedInput, ...]:
    """Return the inputs that come band by band, from the sample in the chip's own flash."""
    return tuple(
        StreamedInput(
            name=name,
            bytes=plan.graph.tensors[name].elements,
            band=plan.band_bytes(name),
            source=plan.board.flash.name,
        )
        for name in plan.streamed
    )


def power_facts(board: Board, clock_mhz: float) -> PowerFacts | None:
    """Return what a board draws at a clock, from the nearest clock anybody measured it at."""
    power = board.power_at(clock_mhz)
    if power is None:
        return None
    source = power.source
    if power.clock_mhz != clock_mhz:
        source += f"; scaled from {power.clock_mhz} MHz"
    return PowerFacts(
        milliwatts=power.at(clock_mhz),
        kind=power.kind,
        spread_percent=power.spread_percent,
        source=source,
    )


def _options(firmware: Firmware, options: RunOptions) -> dict[str, str | int | bool | list[str]]:
    """What was asked for; on a cluster also the cores in use and what the planner chose."""
    found: dict[str, str | int | bool | list[str]] = {
        "opt": options.optimisations.words(),
        "ref_only": options.ref_only,
    }
    cluster = firmware.plan.board.cluster
    if cluster is not None:
        found |= {"cores": cluster.cores, "chosen": firmware.plan.options.words()}
        found |= {"l1": cluster.most_l1} if cluster.most_l1 else {}
    return found


def memory_of(firmware: Firmware, stack: int) -> Memory:
    """Return the bytes of RAM and flash by category, from the clean image."""
    plan, sizes = firmware.plan, firmware.clean.sizes
    board = plan.board
    weights, tables = sizes.weights, sizes.tables
    if plan.weights_outside:
        outside, weights = weights + sizes.copied, 0  # what is copied lies where weights do
    else:
        outside, copied_tables = 0, plan.copied_bytes("tables")
        weights, tables = weights + sizes.copied - copied_tables, tables + copied_tables
    return Memory(
        arena=plan.clean.size,
        arena_lower_bound=plan.clean.lower_bound,
        arena_planner=plan.clean.planner,
        arena_region=plan.arena_region,
        static=sizes.static_ram,
        stack=stack,
        peak_ram=plan.clean.size + sizes.static_ram + stack,
        ram_limit=board.ram_size + (board.code_size if sizes.copied_code else 0),
        flash=sizes.flash - outside,
        flash_code=sizes.code + sizes.copied_code + sizes.rodata + sizes.data,
        flash_weights=weights,
        flash_tables=tables,
        flash_limit=board.flash.size,
        external_flash=outside,
        external_flash_limit=board.external_flash.size if board.external_flash else 0,
        copied=sizes.copied,
        copied_code=sizes.copied_code,
        copy_cycles=sum(one.start for one in (plan.copies, plan.code) if one),
        spilled=plan.spill.size if plan.spill else 0,
        l3=sizes.l3,
        l3_limit=board.l3.size if board.l3 else 0,
        staged=plan.stages.size if plan.stages else 0,
    )


def _layers(firmware: Firmware, measured: Measurement) -> list[Layer]:
    plan = firmware.plan
    counts = measured.step_instructions or (None,) * len(plan.layers)
    splits = measured.step_splits or (None,) * len(plan.layers)
    figures = zip(plan.layers, counts, measured.step_cycles, splits, strict=True)
    return [
        Layer(
            name=plan.steps[first].name,
            op=plan.steps[first].op,
            kernel=plan.steps[first].kernel.name,
            macs=sum(step.macs for step in plan.steps[first:end]),
            instructions=count,
            cycles=cycles,
            arena=max(plan.live_bytes(index) for index in range(first, end)),
            weights=_weights(plan, range(first, end)),
            split=split,
        )
        for (first, end), count, cycles, split in figures
    ]


def _weights(plan: Plan, layer: range) -> LayerWeights | None:
    """Return how the weights of a layer's steps lie; None for a layer without any."""
    laid, steps = [plan.schedule.steps[index] for index in layer], [plan.steps[i] for i in layer]
    nodes = [node for step in laid if isinstance(step, Compute) for node in step.nodes]
    every = [node.weight for node in nodes if isinstance(node, Linear | Conv)]
    every += [node.gates.weight for node in nodes if isinstance(node, Recurrent)]
    found = {id(weight): weight for weight in every}.values()
    tables = [call.params.get("weight") for step in steps for call in step.calls]
    stored = {table.key(): table.values for table in tables if isinstance(table, Table)}
    if not found or not stored:
        return None
    form = steps[0].kernel.pack
    zeros = sum(weight.size - np.count_nonzero(weight) for weight in found)
    return LayerWeights(
        form=form,
        bytes=sum(values.nbytes for values in stored.values()),
        zeros=round(float(zeros / sum(weight.size for weight in found)), 4),
        balanced=form in SPARSE_FORMATS and all(map(is_balanced, stored.values())),
    )
