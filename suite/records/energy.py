"""Milliseconds and microjoules of a record's cycles, each with what it is off by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinyrig.suite.records.record import Column, Cycles, Record

_NEAREST: tuple[Column, ...] = ("measured", "simulated", "modelled, board", "modelled")
"""Columns of cycles, nearest to a board first."""


@dataclass(frozen=True)
class Energy:
    """Microjoules of one inference, never measured: power by time.

    `error_percent` is the sum of both errors. Where `bounded` is False the power's is not known
    and it is that of the cycles alone.
    """

    microjoules: float
    error_percent: float
    bounded: bool
    column: Column


def nearest(cycles: Iterable[Cycles]) -> Cycles | None:
    """Return the figure that is nearest to a board; None when there is none."""
    by_column = {one.column: one for one in cycles}
    return next((by_column[column] for column in _NEAREST if column in by_column), None)


def milliseconds_at(clock_mhz: float, cycles: int) -> float:
    """Return what cycles take at a clock."""
    return cycles / clock_mhz / 1000


def milliseconds(record: Record, cycles: int) -> float | None:
    """Return what cycles take at the record's clock; None when it names none."""
    return None if record.clock_mhz is None else milliseconds_at(record.clock_mhz, cycles)


def energy(record: Record) -> Energy | None:
    """Return the energy of an inference; None where clock, power or cycles are not known."""
    cycles = nearest(record.cycles)
    if record.power is None or cycles is None:
        return None
    time = milliseconds(record, cycles.value)
    if time is None:
        return None
    spread = record.power.spread_percent
    error = (cycles.error_percent or 0.0) + (spread or 0.0)
    microjoules = record.power.milliwatts * time
    return Energy(microjoules, error, spread is not None, cycles.column)
