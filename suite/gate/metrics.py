"""The figures a gate looks at. Lower is better in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from tinyrig.suite.records.record import Record

Metric = Literal[
    "mismatches",
    "output_error",
    "instructions",
    "cycles",
    "cycles_simulated",
    "cycles_measured",
    "peak_ram",
    "arena",
    "stack",
    "flash",
    "external_flash",
]
METRICS: tuple[Metric, ...] = get_args(Metric)
WORDS: Mapping[Metric, str] = {
    "mismatches": "wrong output bytes",
    "output_error": "output error",
    "instructions": "instructions",
    "cycles": "cycles, modelled",
    "cycles_simulated": "cycles, simulated",
    "cycles_measured": "cycles, measured",
    "peak_ram": "peak RAM",
    "arena": "arena",
    "stack": "stack",
    "flash": "flash",
    "external_flash": "external flash",
}
"""The metrics as people read them."""

CYCLES: Mapping[str, Metric] = {
    "modelled": "cycles",
    "simulated": "cycles_simulated",
    "measured": "cycles_measured",
}
"""The metric of each column of cycles; those with a board's modelled memory are not gated."""


def metrics_of(record: Record) -> dict[Metric, float]:
    """Return a record's figures; those its backend does not give are left out.

    `output_error` is the size of the error against the float model relative to the output,
    10^(-SQNR/20), and 0 where the answers are the oracle's own; sizes are bytes.
    """
    memory, check = record.memory, record.check
    found: dict[Metric, float] = {"mismatches": check.mismatches}
    if check.sqnr_db is not None:
        found["output_error"] = 10 ** (-check.sqnr_db / 20)
    elif check.oracle is not None and check.doubt is None:
        # A record has no infinite SQNR. Without this, the first error would have nothing before it.
        found["output_error"] = 0.0
    if record.instructions is not None:
        found["instructions"] = record.instructions
    for cycles in record.cycles:
        if cycles.column in CYCLES:
            found[CYCLES[cycles.column]] = cycles.value
    found["peak_ram"] = memory.peak_ram
    found["arena"] = memory.arena
    found["stack"] = memory.stack
    found["flash"] = memory.flash
    found["external_flash"] = memory.external_flash
    return found


def number(metric: str, value: float | None) -> str:
    """Return a figure as people read it: counts with commas, the error in per cent."""
    if value is None:
        return "-"
    if metric == "output_error":
        return f"{value:.4%}"
    return f"{value:,.0f}"
