"""Cycles as a Record holds them."""

from __future__ import annotations

from tinyrig.suite.cycles.result import ModelledCycles
from tinyrig.suite.records.profile import CountedCycles
from tinyrig.suite.records.record import Cycles


def record_cycles(modelled: ModelledCycles, value: int) -> Cycles:
    """Return a figure of a model with the model's name, version and error band."""
    return Cycles(
        source="modelled",
        model=f"{modelled.model} v{modelled.version}",
        value=value,
        error_percent=modelled.error_percent,
        memory=modelled.memory,
    )


def record_counted(counted: CountedCycles, value: int) -> Cycles:
    """Return a figure a backend counted, with what counted it."""
    return Cycles(
        source=counted.source,
        model=counted.model,
        value=value,
        error_percent=counted.error_percent,
        memory=counted.memory,
    )
