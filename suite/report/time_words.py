"""Milliseconds and microjoules as words of a table: three digits, and what they are off by."""

from __future__ import annotations

from math import floor, isfinite, log10

from tinyrig.suite.records.energy import energy, milliseconds, nearest
from tinyrig.suite.records.record import Record


def three_digits(value: float) -> str:
    """Return a figure with three significant digits, or all before the point."""
    if not isfinite(value):
        return str(value)
    decimals = max(0, 2 - floor(log10(value))) if value > 0 else 0
    return f"{value:,.{decimals}f}"


def ms_cell(record: Record, cycles: int | None) -> str:
    """Return the milliseconds of cycles for a cell of a table."""
    time = None if cycles is None else milliseconds(record, cycles)
    return "-" if time is None else three_digits(time)


def nearest_ms_cell(record: Record) -> str:
    """Return the milliseconds of the cycles nearest to the board for a cell of a table."""
    found = nearest(record.cycles)
    return ms_cell(record, None if found is None else found.value)


def time_cells(record: Record) -> tuple[str, str]:
    """Return milliseconds and modelled microjoules of an inference for two cells, with errors."""
    cycles, joules = nearest(record.cycles), energy(record)
    if cycles is None:
        return "-", "-"
    time = ms_cell(record, cycles.value)
    if cycles.error_percent is not None and time != "-":
        time += f" +-{cycles.error_percent:g} %"
    if joules is None:
        return time, "-"
    band = f"+-{joules.error_percent:g} %" if joules.bounded else "+-?"
    return time, f"{three_digits(joules.microjoules)} {band}"


def energy_words(record: Record) -> str | None:
    """Return the modelled energy of an inference, its error and where the power is from."""
    found, power = energy(record), record.power
    if found is None or power is None:
        return None
    band = f"+-{found.error_percent:g} %"
    if not found.bounded:
        band += " and what the power is off by, which nobody says"
    words = f"{three_digits(found.microjoules)} uJ, {band}"
    return f"{words}  ({three_digits(power.milliwatts)} mW, {power.kind}: {power.source})"
