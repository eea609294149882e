"""The tables of an ablation: every variant's figures, and the papers' beside ours."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.report.time_words import nearest_ms_cell
from tinyrig.suite.studies.ablation.measure import Row
from tinyrig.suite.studies.ablation.published import LATENCY, Allocation, Beside

_NUMBERS = (
    "arena",
    "to none",
    "peak RAM",
    "flash",
    "instructions",
    "cycles",
    "on the board",
    "ms",
    "wrong bytes",
    "SQNR dB",
)

WATERFALL = ("none", "added", "all")
"""The groups that lead from no optimisation to all."""

_OURS = "   ours: the arena alone (activations, sums, scratch); no weights, static data or stack"
_CSV_COLUMNS = (
    "group",
    "switch",
    "options",
    "arena",
    "lower_bound",
    "planner",
    "peak_ram",
    "flash",
    "instructions",
    "modelled_cycles",
    "modelled_board_cycles",
    "elements",
    "mismatches",
    "sqnr_db",
    "argmax_agreement",
)


def ablation_table(
    rows: Sequence[Row], title: str, groups: Sequence[str] | None = None
) -> RenderableType:
    """Return a table; bytes, instructions and modelled cycles of one inference.

    Of `groups` alone where they are given; a wrong answer is always shown.
    """
    every, rows = rows, [row for row in rows if _is_shown(row, groups)]
    table = Table(title=title, title_justify="left", caption=_cycles(rows), caption_justify="left")
    for name in ("group", "switch"):
        table.add_column(name, no_wrap=True)
    absent = set() if any(row.modelled for row in rows) else {"cycles", "ms"}
    if not any(row.on_board for row in rows):
        absent.add("on the board")
    shown = [name for name in _NUMBERS if name not in absent]
    for name in shown:
        table.add_column(name, justify="right", no_wrap=True)
    base = rows[0].arena
    for row in rows:
        cells = {
            "arena": f"{row.arena:,}",
            "to none": f"{row.arena / base - 1:+.1%}" if base else "-",
            "peak RAM": "does not fit" if row.record is None else _number(row.peak_ram),
            "flash": _number(row.flash),
            "instructions": _number(row.instructions),
            "cycles": _number(row.cycles),
            "on the board": _number(row.on_board.value if row.on_board else None),
            "ms": "-" if row.record is None else nearest_ms_cell(row.record),
            "wrong bytes": "-" if row.record is None else _wrong(row),
            "SQNR dB": "-" if row.sqnr_db is None else f"{row.sqnr_db:.1f}",
        }
        table.add_row(row.variant.group, row.variant.label, *(cells[name] for name in shown))
    more = len(every) - len(rows)
    if not more:
        return table
    return Group(table, Text(f"{more} more settings, with a switch alone or left out: --all."))


def _is_shown(row: Row, groups: Sequence[str] | None) -> bool:
    return groups is None or row.variant.group in groups or bool(row.mismatches)


def _cycles(rows: Sequence[Row]) -> str | None:
    """Return what the cycles are modelled by, a line a column."""
    lines = []
    for name, models in (
        ("cycles", [row.modelled for row in rows]),
        ("on the board", [row.on_board for row in rows]),
    ):
        model = next((model for model in models if model is not None), None)
        if model is not None:
            band = "" if model.error_percent is None else f", +-{model.error_percent:g} %"
            memory = "zero wait states" if model.memory == "0ws" else "the board's memory"
            lines.append(f"{name}: modelled by {model.model} with {memory}{band}")
    return "\n".join(lines) or None


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _wrong(row: Row) -> str:
    elements = row.record.check.elements if row.record else 0
    return f"{row.mismatches} of {elements:,}"


def ablation_csv(rows: Sequence[Row]) -> str:
    """Return the same figures as CSV, empty where there is none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for row in rows:
        writer.writerow(
            [
                row.variant.group,
                row.variant.label,
                " ".join(row.variant.options.words()),
                row.arena,
                row.needs.lower_bound,
                row.needs.planner,
                row.peak_ram,
                row.flash,
                row.instructions,
                row.cycles,
                row.on_board.value if row.on_board else None,
                None if row.record is None else row.record.check.elements,
                row.mismatches,
                row.sqnr_db,
                None if row.record is None else row.record.check.argmax_agreement,
            ]
        )
    return text.getvalue()


def published_table(found: Sequence[Beside]) -> RenderableType:
    """Return the papers' figures, ours on our accounting, and how the definitions differ.

    Ours is the arena alone: activations, int32 sums and scratch, without weights, static data
    and stack; kB are 1000 bytes.
    """
    table = Table(title="Published beside ours", title_justify="left")
    for name in ("where", "scheme", "published", "ours", "with weights", "our setting"):
        right = name in ("published", "ours", "with weights")
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    table.add_column("note", justify="right")
    notes = list(dict.fromkeys(one.published.definition for one in found))
    for one in found:
        figure = one.published
        table.add_row(
            f"{figure.paper} {figure.place}",
            figure.scheme,
            f"{figure.value:g} {figure.unit}",
            _ours(one),
            "-" if one.with_weights is None else f"{one.with_weights:.1f} {figure.unit}",
            " ".join(figure.ours),
            str(1 + notes.index(figure.definition)),
        )
    lines = [f"{1 + index}  published: {note}" for index, note in enumerate(notes)]
    return Group(table, Text("\n".join([_OURS, *lines])))


def _ours(one: Beside) -> str:
    figure = one.published
    if one.value is None:
        return "no clock" if figure.metric == LATENCY else "no such switch"
    digits = 3 if figure.metric == LATENCY else 1
    return f"{one.value:.{digits}f} {figure.unit}"


def allocation_table(allocations: Sequence[Allocation]) -> RenderableType:
    """Return the bytes each step takes, setting by setting, the peak in bold."""
    table = Table(title="Arena taken step by step, bytes", title_justify="left")
    for name in ("setting", "step"):
        table.add_column(name, overflow="fold")
    table.add_column("taken", justify="right")
    for one in allocations:
        peak = max(taken for _, taken in one.steps)
        for index, (name, taken) in enumerate(one.steps):
            setting = " ".join(one.words) if index == 0 else ""
            style = "bold" if taken == peak else ""
            table.add_row(setting, Text(name), Text(f"{taken:,}", style=style))
        table.add_section()
    return table
