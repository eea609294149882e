"""The sentences of a gate's answer, the same in every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinyrig.suite.gate.metrics import WORDS, number
from tinyrig.suite.gate.report import (
    ArenaPeak,
    BlockCode,
    Explanation,
    Figure,
    GateReport,
    Hit,
    Place,
)

MOST_FIGURES = 8
MOST_CAUSES = 3
MOST_NOTES = 6
_MOST_AT_PEAK = 4
_OF_CODE = frozenset(("source", "compiler", "toolchain", "flags", "options", "calls"))
_MOST_MOVED = 4
_NEGLIGIBLE = 0.01
_SHOWN_VERDICTS = (
    *("wrong", "over budget", "worse", "lost", "accepted", "undecided", "not compared"),
    *("tolerated", "better", "new"),
)


@dataclass(frozen=True)
class Detail:
    """How much of a cause is shown: places, tensors, and whether its code is."""

    places: int
    tensors: int
    code: bool


FULL = Detail(places=4, tensors=6, code=True)
BRIEF = Detail(places=2, tensors=3, code=False)


def headline(report: GateReport) -> str:
    """Say what was compared and how it ended."""
    counts = report.counts()
    parts = [f"{count} {verdict}" for verdict, count in counts.items()]
    jobs = f"{_plural(report.jobs, 'job')}, {report.identical} with the same firmware"
    booted = "" if report.booted is None else f"; {report.booted} booted"
    equal = "all equal" if report.jobs > len(report.new) else "nothing was compared"
    return f"{report.base} -> {report.head}: {jobs}{booted}; {', '.join(parts) or equal}."


def jobs_lost_and_new(report: GateReport) -> list[str]:
    """Say which jobs only one side has, and what else is to be known of either."""
    return [
        *(f"Lost: {name} is in the base but not in the head." for name in report.missing),
        *(f"Broken: {name} is new in the head and gave no results." for name in report.broken),
        *(f"New: {name}, nothing to compare with." for name in report.new),
        *(f"Note: {note}" for note in report.notes[:MOST_NOTES]),
    ]


def shown_figures(report: GateReport) -> tuple[list[Figure], int]:
    """Return the figures a table shows, worst first, and how many are left out."""
    order = {verdict: rank for rank, verdict in enumerate(_SHOWN_VERDICTS)}
    wanted = [figure for figure in report.figures if figure.verdict in order]
    wanted.sort(key=lambda figure: (order[figure.verdict], -(figure.percent or 0.0), figure.job))
    return wanted[:MOST_FIGURES], max(0, len(wanted) - MOST_FIGURES)


def figure_cells(figure: Figure) -> tuple[str, ...]:
    """Return model, board, figure, before, after, change and verdict of a table's row."""
    change = "-" if figure.percent is None else f"{figure.percent:+.2f} %"
    note = f": {figure.note}" if figure.note else ""
    return (
        figure.model,
        figure.board,
        WORDS[figure.metric],
        number(figure.metric, figure.base),
        number(figure.metric, figure.head),
        change,
        figure.verdict + note,
    )


def shown_causes(report: GateReport) -> tuple[list[tuple[Explanation, Detail]], int]:
    """Return the causes that are told, and how many are left out: too small, or too many."""
    if not report.causes:
        return [], 0
    least = _NEGLIGIBLE * _weight(report.causes[0].worst)
    kept = [cause for cause in report.causes if _weight(cause.worst) >= least][:MOST_CAUSES]
    details = [FULL, *(BRIEF for _ in kept[1:])]
    return list(zip(kept, details, strict=True)), len(report.causes) - len(kept)


def _weight(hit: Hit) -> float:
    return 0.0 if hit.amount is None else hit.amount / (hit.base or 1.0)


def reach(cause: Explanation) -> str:
    """Say how many figures a cause hit, and which worst."""
    worst = cause.worst
    change = f"{number(worst.metric, worst.base)} -> {number(worst.metric, worst.head)}"
    percent = f", {100 * (worst.head / worst.base - 1):+.2f} %" if worst.base else ""
    where = f"{WORDS[worst.metric]} of {worst.model} on {worst.board}: {change}{percent}"
    if len(cause.hits) == 1:
        return f"{where[0].upper()}{where[1:]}{_share(worst)}."
    count = f"{len(cause.hits)} figures of {_plural(len(cause.jobs), 'job')}"
    return f"{count}; worst {where}{_share(worst)}."


def _share(hit: Hit) -> str:
    """Say how much of a change a cause made, unless it made all of it."""
    if hit.amount is None:
        return " (how much of it is not known)"
    whole = hit.head - hit.base
    if whole > 0 and hit.amount < 0.95 * whole:
        return f" ({hit.amount / whole:.0%} of the change)"
    return ""


def place_cells(place: Place) -> tuple[str, ...]:
    """Return layer, function, unit, before, after and change of a table's row."""
    change = place.after - place.before
    return (
        place.layer or "-",
        routine(place.function, place.file),
        place.unit,
        f"{place.before:,.0f}",
        f"{place.after:,.0f}",
        f"{change:+,.0f}",
    )


def routine(function: str, file: str) -> str:
    """Return a function's name, with the file whose name is another."""
    return function if not file or file.startswith(f"{function}.") else f"{function} in {file}"


def block_title(block: BlockCode) -> str:
    """Say which block is shown and what it costs."""
    offset = block.head_offset if block.head_offset is not None else block.base_offset
    where = f"{block.function}+0x{offset:x}" if offset is not None else block.function
    times = (
        f"{block.head_count:,} times"
        if block.base_count == block.head_count
        else f"{block.base_count:,} -> {block.head_count:,} times"
    )
    cost = f"{block.base_cycles:,.0f} -> {block.head_cycles:,.0f} cycles"
    return f"Hottest changed block {where} ({block.file}): {times}, {cost}"


def block_lines(block: BlockCode) -> list[str]:
    """Return the block's rows as text: sign, offset and instruction."""
    lines = [f"{row.sign} {row.offset:>5x}  {row.text}" for row in block.rows]
    return [*lines, f"  ({block.cut} more lines)"] if block.cut else lines


def shows_code(cause: Explanation, detail: Detail) -> bool:
    """Whether a cause's changed code is worth showing; of a plan or kernel the names say it."""
    return detail.code and cause.block is not None and cause.kind in _OF_CODE


def memory_lines(cause: Explanation, most: int) -> list[str]:
    """Say what became of the arena's tensors, and who makes the new peak."""
    base, head = cause.base_peak, cause.head_peak
    if base is None or head is None:
        return []
    lines = [f"{tensor.name} {tensor.change}: {tensor.words}" for tensor in cause.tensors[:most]]
    if len(cause.tensors) > most:
        lines.append(f"and {len(cause.tensors) - most} more changes")
    return [f"Arena {base.arena:,} -> {head.arena:,} bytes; {_peak(base, head)}", *lines]


def _peak(base: ArenaPeak, head: ArenaPeak) -> str:
    moved = f" (was {base.live:,} in {base.layer})" if base != head else ""
    tensors = [f"{name} {size:,}" for name, size in head.tensors[:_MOST_AT_PEAK]]
    more = len(head.tensors) - len(tensors)
    held = ", ".join(tensors) + (f" and {more} more" if more else "")
    return f"most live in {head.layer}: {head.live:,}{moved}, held by {held}"


def harmless(report: GateReport) -> list[str]:
    """Say what differs in jobs that got no worse, a line each."""
    lines = []
    for found in report.harmless[:MOST_CAUSES]:
        jobs = found.jobs[0] if len(found.jobs) == 1 else f"{len(found.jobs)} jobs"
        tensors = [f"{t.name} {t.change}, {t.words}" for t in found.tensors[:_MOST_MOVED]]
        if len(found.tensors) > _MOST_MOVED:
            tensors.append(left_out(len(found.tensors) - _MOST_MOVED, ("change", "changes")))
        told = f": {'; '.join(tensors)}" if tensors else ""
        lines.append(f"No worse by it: {found.title} ({jobs}){told}.")
    return lines


def left_out(count: int, what: Sequence[str]) -> str:
    """Say how many things of a kind (singular, plural) are not shown."""
    return f"and {count} more {what[0] if count == 1 else what[1]}"


def _plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
