"""What a model's page shows of one run, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.records.cycle_split import Part
from tinyrig.suite.records.record import Layer
from tinyrig.suite.report.evidence_stacks import evidence_stacks
from tinyrig.suite.report.flame import Stack
from tinyrig.suite.report.memory_picture import memory_picture
from tinyrig.suite.report.site.flame_chart import flame_chart
from tinyrig.suite.report.site.runs import SOURCES, Run, Source
from tinyrig.suite.report.split_table import part_cycles, record_splits, split_stacks
from tinyrig.suite.report.waterfall import waterfall

_PICTURE_WIDTH = 1060.0


@dataclass(frozen=True)
class KernelUse:
    """A kernel the planner chose, what it did, and what else the library has for the board."""

    name: str
    layers: tuple[str, ...]
    macs: int
    instructions: int | None
    cycles: int | None
    others: tuple[str, ...]


@dataclass(frozen=True)
class FunctionCost:
    """A function's cycles in a layer, and its share of all."""

    layer: str
    function: str
    cycles: int
    share: float


@dataclass(frozen=True)
class Panel:
    """One run. `anchor` starts the ids of its parts; markup is empty where there is no data."""

    run: Run
    anchor: str
    flame: Markup
    functions: tuple[FunctionCost, ...]
    causes: Markup
    memory: Markup
    waterfall: Markup
    kernels: tuple[KernelUse, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources of cycles this run's layers have, each a column of its own."""
        found = {cycles.column for layer in self.run.record.layers for cycles in layer.cycles}
        return tuple(source for source in SOURCES if source in found)

    @property
    def splits(self) -> tuple[tuple[str, int, dict[Part, int]], ...]:
        """Name, cycles and cycles by cause of every layer where that is known."""
        rows = record_splits(self.run.record)
        return tuple((name, cycles, part_cycles(split)) for name, cycles, split in rows)

    @property
    def instructions(self) -> tuple[int, ...]:
        """The instructions of each layer that was counted."""
        counts = (layer.instructions for layer in self.run.record.layers)
        return tuple(count for count in counts if count is not None)

    def most(self, source: Source) -> int:
        """The cycles of the layer that takes most, by one source."""
        return max(
            (layer_cycles(layer, source) or 0 for layer in self.run.record.layers), default=0
        )


def layer_cycles(layer: Layer, source: Source) -> int | None:
    """Return a layer's cycles from one source; None without."""
    return next((one.value for one in layer.cycles if one.column == source), None)


def make_panel(run: Run, anchor: str) -> Panel:
    """Return what a page shows of a run."""
    counts = evidence_stacks(run.model, run.evidence)
    title = f"Modelled cycles of {run.model} on {run.label} by layer and function"
    arena = run.arena
    picture, bars = "", ""
    if arena is not None:
        name = f"{anchor}-memory"
        picture = memory_picture(arena, name=name, style="", least_width=_PICTURE_WIDTH)
    if run.ablation is not None:
        heading = f"{run.model} on {run.label}: what each optimisation is worth"
        bars = waterfall(run.ablation.rows, heading, name=f"{anchor}-waterfall", style="")
    return Panel(
        run=run,
        anchor=anchor,
        flame=flame_chart(counts, "modelled cycles", title) if counts else Markup(""),
        functions=_functions(counts),
        causes=_causes(run),
        # Both pictures escape every name themselves.
        memory=Markup(picture),
        waterfall=Markup(bars),
        kernels=tuple(_kernels(run)),
    )


def _causes(run: Run) -> Markup:
    rows = record_splits(run.record)
    title = f"Simulated cycles of {run.model} on {run.label} by layer and cause"
    return flame_chart(split_stacks(run.model, rows), "cycles", title) if rows else Markup("")


def _functions(counts: dict[Stack, int]) -> tuple[FunctionCost, ...]:
    total = sum(counts.values()) or 1
    costs = (
        FunctionCost(layer, function, cycles, cycles / total)
        for (_, layer, function), cycles in counts.items()
    )
    return tuple(sorted(costs, key=lambda cost: (-cost.cycles, cost.layer, cost.function)))


def _kernels(run: Run) -> Iterator[KernelUse]:
    """Yield the kernels of a run, those that took most instructions first."""
    groups: dict[str, list[Layer]] = {}
    for layer in run.record.layers:
        groups.setdefault(layer.kernel, []).append(layer)
    isas = _isas(run.record.board)
    uses = [
        KernelUse(
            name=name,
            layers=tuple(layer.name for layer in layers),
            macs=sum(layer.macs for layer in layers),
            instructions=_sum([layer.instructions for layer in layers]),
            cycles=_sum([layer_cycles(layer, "modelled") for layer in layers]),
            others=_others(name, isas),
        )
        for name, layers in groups.items()
    ]
    yield from sorted(uses, key=lambda use: (-(use.instructions or 0), use.name))


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _isas(board: str) -> tuple[str, ...]:
    """Return a board's instruction sets, none for a board this tinyrig does not have."""
    try:
        return tuple(load_board(board).isa)
    except InputError:
        return ()


def _others(name: str, isas: Sequence[str]) -> tuple[str, ...]:
    """Return the other variants of a kernel's operator that a board could execute."""
    ops = {kernel.op for kernel in all_kernels() if kernel.name == name}
    return tuple(
        kernel.name
        for kernel in all_kernels()
        if kernel.op in ops and kernel.isa in isas and kernel.name != name
    )
