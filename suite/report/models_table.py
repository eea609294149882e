"""Two models side by side: every figure of both runs, and the second by the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.records.energy import energy, milliseconds, nearest
from tinyrig.suite.records.record import Record
from tinyrig.suite.report.time_words import three_digits

_NONE = "-"


def models_table(records: Sequence[Record]) -> RenderableType:
    """Return the figures of two runs on one board, and the operators' share of their time."""
    one, other = records
    boards = dict.fromkeys(record.board_name for record in records)
    figures = Table(title=Text(f"Side by side on {', '.join(boards)}"), title_justify="left")
    operators = Table(title="Milliseconds by operator", title_justify="left")
    for table, first in ((figures, ""), (operators, "operator")):
        table.add_column(first, no_wrap=True)
        for record in records:
            table.add_column(Text(record.model.name), justify="right")
        table.add_column("second / first", justify="right")
    for name, first_value, second_value in _figures(one, other):
        figures.add_row(name, *_row(first_value, second_value))
    times = [_by_operator(record) for record in records]
    for op in sorted({*times[0], *times[1]}, key=lambda op: -max(t.get(op, 0.0) for t in times)):
        operators.add_row(op, *_row(times[0].get(op), times[1].get(op)))
    parts: list[RenderableType] = [figures]
    if operators.row_count:
        parts.append(operators)
    wrong = [record.model.name for record in records if record.check.verdict != "match"]
    return Group(*parts, *(Text(f"MISMATCH: {name}", "bold red") for name in wrong))


def _figures(one: Record, other: Record) -> Iterator[tuple[str, float | None, float | None]]:
    pair = (one, other)
    yield "MACs", one.model.macs, other.model.macs
    yield "parameters", one.model.parameters, other.model.parameters
    yield "instructions", one.instructions, other.instructions
    cycles = [nearest(record.cycles) for record in pair]
    known = [found for found in cycles if found is not None]
    if len(known) == 2 and known[0].column == known[1].column:
        band = known[0].error_percent
        words = known[0].column + (f", +-{band:g} %" if band is not None else "")
        yield f"cycles, {words}", known[0].value, known[1].value
        times = [milliseconds(r, c.value) for r, c in zip(pair, known, strict=True)]
        yield "milliseconds", times[0], times[1]
    joules = [energy(record) for record in pair]
    found = [None if one is None else one.microjoules for one in joules]
    yield "microjoules, modelled", found[0], found[1]
    for name in ("peak_ram", "arena", "flash", "external_flash"):
        values = [getattr(record.memory, name) for record in pair]
        if any(values):
            words = name.replace("_", " ").replace("ram", "RAM")
            yield f"{words}, bytes", values[0], values[1]
    yield "SQNR, dB", one.check.sqnr_db, other.check.sqnr_db


def _row(one: float | None, other: float | None) -> tuple[str, str, str]:
    ratio = f"{other / one:.2f}x" if one and other is not None else _NONE
    return _number(one), _number(other), ratio


def _number(value: float | None) -> str:
    if value is None:
        return _NONE
    return f"{value:,}" if isinstance(value, int) else three_digits(value)


def _by_operator(record: Record) -> dict[str, float]:
    found: dict[str, float] = {}
    for layer in record.layers:
        cycles = nearest(layer.cycles)
        time = None if cycles is None else milliseconds(record, cycles.value)
        if time is not None:
            found[layer.op] = found.get(layer.op, 0.0) + time
    return found
