"""The table `tinyrig bench` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.bench.folder import Result
from tinyrig.suite.bench.outcome import Ended
from tinyrig.suite.records.record import Record
from tinyrig.suite.report.run_table import doubt_text
from tinyrig.suite.report.time_words import time_cells

MOST_ROWS = 24
"""Jobs that leave the answer on a screen."""


def bench_table(
    folder: Path, ended: Sequence[Ended], most: int | None = MOST_ROWS
) -> RenderableType:
    """Return jobs' figures, why jobs failed or were skipped, and the count of each.

    At `most` so many jobs are shown, and every one that failed; None shows all.
    """
    table = Table(title=f"Results in {folder}", title_justify="left")
    for name in ("model", "board", "toolchain", "backend"):
        table.add_column(name, overflow="fold")
    for name in ("instructions", "cycles", "ms", "uJ", "peak RAM", "flash", "verdict"):
        table.add_column(name, justify="right")
    for end in _shown(ended, most):
        job = end.job
        words = " ".join((job.model, *(f"{k}={v}" for k, v in job.dims.items()), *job.options))
        table.add_row(words, job.board, job.toolchain, job.backend, *_figures(folder, end))
    troubles = [
        *_doubts(folder, ended),
        *(Text(f"{end.job.name}: {end.message}") for end in ended if end.message),
    ]
    more = len(ended) - table.row_count
    rest = [Text(f"{more} more jobs that match: --all shows them.")] if more else []
    return Group(table, *rest, *troubles, Text(_summary(ended)))


def _shown(ended: Sequence[Ended], most: int | None) -> list[Ended]:
    """Return the jobs of the table by name: good ones as long as there is room."""
    bad = [end for end in ended if end.code or end.skipped]
    good = sorted((end for end in ended if end not in bad), key=lambda end: end.job.name)
    room = None if most is None else max(0, most - len(bad))
    return sorted((*bad, *good[:room]), key=lambda end: end.job.name)


def _doubts(folder: Path, ended: Sequence[Ended]) -> Iterator[Text]:
    for end in ended:
        if not end.skipped and end.code in (0, 1):
            check = Result(folder / end.job.name).record.check
            if check.doubt is not None:
                yield Text.assemble(f"{end.job.name}: ", doubt_text(check.doubt, check))


def _figures(folder: Path, end: Ended) -> list[str | Text]:
    if end.skipped:
        return ["", "", "", "", "", "", Text("skipped", "yellow")]
    if end.code not in (0, 1):
        return ["", "", "", "", "", "", Text("failed", "bold red")]
    record = Result(folder / end.job.name).record
    memory = record.memory
    verdict = Text("mismatch", "bold red") if end.code else Text("match", "green")
    return [
        "-" if record.instructions is None else f"{record.instructions:,}",
        _cycles(record),
        *time_cells(record),
        f"{memory.peak_ram:,}",
        f"{memory.flash + memory.external_flash:,}",
        verdict,
    ]


def _cycles(record: Record) -> str:
    shown = (found for found in record.cycles if found.column != "modelled, board")
    return ", ".join(f"{found.value:,} {found.source}" for found in shown) or "-"


def _summary(ended: Sequence[Ended]) -> str:
    done = [end for end in ended if end.code in (0, 1)]
    known = sum(not end.booted for end in done)
    skipped = sum(end.skipped for end in ended)
    return (
        f"{len(done)} of {len(ended)} jobs measured, {known} of them known from an identical ELF; "
        f"{sum(end.code == 1 for end in done)} with wrong outputs, "
        f"{len(ended) - len(done) - skipped} failed, {skipped} skipped."
    )
