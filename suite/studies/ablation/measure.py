"""Run the variants of an ablation; what two variants build alike runs once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.generator.errors import FitError
from tinyrig.generator.options import Options
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.models.case import Case
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.record import Column, Cycles, Record
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.rig.sizing import Needs, Planner
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.studies.ablation.variants import Variant
from tinyrig.suite.toolchain.toolchain import Toolchain


@dataclass(frozen=True)
class Row:
    """One variant's figures. `record` is None where the variant does not fit the board."""

    variant: Variant
    needs: Needs
    record: Record | None

    @property
    def arena(self) -> int:
        """Bytes of activations, sums and scratch."""
        return self.needs.arena

    @property
    def peak_ram(self) -> int | None:
        """Arena, static data and stack, bytes."""
        return None if self.record is None else self.record.memory.peak_ram

    @property
    def flash(self) -> int | None:
        """Code, weights and tables in the chip's flash and the external one, bytes."""
        if self.record is None:
            return None
        return self.record.memory.flash + self.record.memory.external_flash

    @property
    def instructions(self) -> int | None:
        """Instructions of one inference."""
        return None if self.record is None else self.record.instructions

    @property
    def modelled(self) -> Cycles | None:
        """The figure of a cycle model at zero wait states; None without a model."""
        return self._cycles("modelled")

    @property
    def on_board(self) -> Cycles | None:
        """The modelled figure with the board's memory; None without an operating point."""
        return self._cycles("modelled, board")

    @property
    def cycles(self) -> int | None:
        """Modelled cycles of one inference; None without a model."""
        return None if self.modelled is None else self.modelled.value

    def _cycles(self, column: Column) -> Cycles | None:
        found = () if self.record is None else self.record.cycles
        return next((cycles for cycles in found if cycles.column == column), None)

    @property
    def mismatches(self) -> int | None:
        """Output bytes that differ from the integer reference."""
        return None if self.record is None else self.record.check.mismatches

    @property
    def sqnr_db(self) -> float | None:
        """Signal to quantization noise against the float model: what a rewrite costs."""
        return None if self.record is None else self.record.check.sqnr_db


@dataclass(frozen=True, eq=False)
class Bench:
    """What every variant runs on."""

    case: Case
    board: Board
    backend: Backend
    toolchain: Toolchain
    samples: Sequence[Sample]
    ref_only: bool = False


def measure(bench: Bench, variants: Sequence[Variant], progress: Progress) -> Iterator[Row]:
    """Yield a row a variant, each checked byte by byte against the integer reference."""
    planner = Planner(bench.case)
    records: dict[str, Record] = {}
    for index, variant in enumerate(variants):
        progress(f"{index + 1} of {len(variants)}: {variant.group} {variant.label}")
        needs = planner.needs(bench.board, variant.options, ref_only=bench.ref_only)
        yield Row(variant, needs, _record(bench, variant.options, records))


def _record(bench: Bench, options: Options, records: dict[str, Record]) -> Record | None:
    graph = bench.case.rewritten(options).graph
    first = sample_bytes(graph, bench.case.samples(1)[0])
    try:
        _, project = plan_project(
            graph, bench.board, first, options=options, ref_only=bench.ref_only
        )
    except FitError:
        return None
    key = project.sha256()
    if key not in records:
        records[key] = run_case(
            bench.case,
            bench.board,
            bench.backend,
            bench.toolchain,
            bench.samples,
            RunOptions(options, bench.ref_only),
            lambda _: None,
        ).record
    return records[key]
