"""The papers' figures beside ours: a column a source, never two sources in one."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log10
from pathlib import Path

from tinyrig.generator.assets import asset_root
from tinyrig.generator.errors import InputError, TinyrigError
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.files.csv_rows import Measured, csv_rows
from tinyrig.suite.files.store import Store, content_key
from tinyrig.suite.models.case import resolve
from tinyrig.suite.models.zoo import load_zoo
from tinyrig.suite.records.energy import Energy, energy, milliseconds
from tinyrig.suite.report.site.runs import Run, Source
from tinyrig.suite.rig import arena_map, sizing
from tinyrig.suite.rig.sizing import Planner
from tinyrig.suite.studies.ablation import paper_rule, published
from tinyrig.suite.studies.ablation.published import (
    LATENCY,
    Beside,
    Published,
    beside,
    published_figures,
)

PLANNED_FOR = "stm32f746"
"""The board the papers' memory schemes are planned for, as in `tinyrig ablate`."""


@dataclass(frozen=True)
class PublishedCycles:
    """Cycles a paper measured on a chip; `core` is that of a board of ours where we have one.

    `energy_uj` is as printed, None where it gives none.
    """

    paper: str
    place: str
    model: str
    scheme: str
    hardware: str
    core: str
    cycles: int
    definition: str
    clock_mhz: int
    power_mw: Measured
    energy_uj: Measured

    @property
    def recomputed_uj(self) -> float | None:
        """The energy that follows from the paper's own power, cycles and clock."""
        return None if self.power_mw is None else self.power_mw * self.cycles / self.clock_mhz / 1e3

    @property
    def slip(self) -> int:
        """By which power of ten the printed energy is below what follows: 1 where it is not."""
        if self.energy_uj is None or self.recomputed_uj is None:
            return 1
        return int(10.0 ** round(log10(self.recomputed_uj / self.energy_uj)))


@dataclass(frozen=True)
class OurCycles:
    """One of our figures: on which board, from which source, with its error band in percent.

    `milliseconds` are at the board's clock; `energy` is of the source nearest to the board alone.
    """

    label: str
    source: Source
    value: int
    error_percent: float | None
    milliseconds: float | None = None
    energy: Energy | None = None


@dataclass(frozen=True)
class CyclesBeside:
    """A published figure and all of ours on the same kind of core."""

    published: PublishedCycles
    ours: tuple[OurCycles, ...]

    def of(self, source: Source) -> tuple[OurCycles, ...]:
        """Return our figures of one source."""
        return tuple(one for one in self.ours if one.source == source)


def memory_beside(models: Sequence[str]) -> tuple[tuple[Beside, ...], tuple[str, ...]]:
    """Return the papers' memory figures of these models beside our plans, and what failed.

    Ours is planned anew with the paper's scheme; nothing is compiled or booted.
    """
    board = load_board(PLANNED_FOR)
    found: list[Beside] = []
    problems: list[str] = []
    for model in models:
        figures = [one for one in published_figures(model) if one.metric != LATENCY]
        if not figures:
            continue
        try:
            found += _planned(model, figures, board)
        except TinyrigError as error:
            problems.append(f"Nothing stands beside the papers' figures of {model}: {error}")
    return tuple(found), tuple(problems)


def _planned(model: str, figures: Sequence[Published], board: Board) -> list[Beside]:
    """Return figures beside our plans; what the same planner planned before is remembered."""
    kept = Store("published", ".json")
    zoo = hashlib.sha256(load_zoo(model).qdq_bytes()).hexdigest()
    key = content_key(("published", zoo, repr(figures), repr(board), _planner_key()))
    raw = kept.load(key)
    if raw is None:
        found = beside(figures, Planner(resolve(model, {})), board)
        values = [(one.value, one.with_weights) for one in found]
        kept.save(key, json.dumps(values).encode())
        return list(found)
    pairs = zip(figures, json.loads(raw), strict=True)
    return [Beside(figure, value, with_weights) for figure, (value, with_weights) in pairs]


@cache
def _planner_key() -> str:
    """Digest of what a plan depends on besides the model and the board."""
    root = asset_root("generator")
    kernels = asset_root("kernels")
    costs = sorted(kernels.glob("costs/*.toml"))
    files = [*sorted(root.rglob("*.py")), kernels / "registry.toml", *costs]
    files += [
        Path(inspect.getfile(module)) for module in (published, paper_rule, sizing, arena_map)
    ]
    return content_key(path.read_bytes() for path in files)


@cache
def published_cycles() -> tuple[PublishedCycles, ...]:
    """Return the papers' cycles, in the order of the file."""
    return csv_rows(PublishedCycles, "tinyrig.suite.report.site", "published_cycles.csv")


def cycles_beside(models: Mapping[str, Sequence[Run]]) -> tuple[CyclesBeside, ...]:
    """Return the papers' cycles of these models beside the runs on the same kind of core.

    Those without a run of ours come last.
    """
    found = (
        CyclesBeside(figure, tuple(_ours(models[figure.model], figure.core)))
        for figure in published_cycles()
        if figure.model in models
    )
    return tuple(sorted(found, key=lambda one: not one.ours))


def _ours(runs: Sequence[Run], core: str) -> list[OurCycles]:
    return [
        OurCycles(
            run.label,
            cycles.column,
            cycles.value,
            cycles.error_percent,
            milliseconds(run.record, cycles.value),
            joules if joules and joules.column == cycles.column else None,
        )
        for run in runs
        if _core(run.record.board) == core
        for joules in (energy(run.record),)
        for cycles in run.record.cycles
    ]


def _core(board: str) -> str:
    """Return a board's core, empty for a board this tinyrig does not have."""
    try:
        return load_board(board).core
    except InputError:
        return ""
