"""Runs as data for the page that lays two of them side by side: any models, any boards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from tinyrig.suite.records.energy import energy, milliseconds, nearest
from tinyrig.suite.records.record import Layer, Record
from tinyrig.suite.report.site.runs import Run

Figure = tuple[str, float | None, int | None, int]
"""What it is called, its value, its decimals (None: three digits in all), and which is better: -1
less, 1 more, 0 neither."""


def runs_json(runs: Sequence[Run]) -> Markup:
    """Return every run's figures, its layers and the milliseconds of each, as JSON in HTML."""
    found = [
        {
            "key": run.evidence.job.name,
            "model": run.model,
            "label": run.label,
            "verdict": run.record.check.verdict,
            "figures": list(_figures(run.record)),
            "layers": [_layer(run.record, layer) for layer in run.record.layers],
        }
        for run in runs
    ]
    text = json.dumps(found, separators=(",", ":"))
    # Nothing in a name ends the element that holds the data.
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _figures(record: Record) -> Iterator[Figure]:
    cycles, joules, memory = nearest(record.cycles), energy(record), record.memory
    time = None if cycles is None else milliseconds(record, cycles.value)
    yield "Milliseconds", time, None, -1
    yield "Microjoules, modelled", None if joules is None else joules.microjoules, None, -1
    yield "Clock, MHz", record.clock_mhz, 0, 0
    for one in record.cycles:
        yield f"Cycles, {one.column}", one.value, 0, -1
    yield "Instructions", record.instructions, 0, -1
    yield "MACs", record.model.macs, 0, 0
    yield "Parameters", record.model.parameters, 0, 0
    yield "Peak RAM, bytes", memory.peak_ram, 0, -1
    yield "Arena, bytes", memory.arena, 0, -1
    yield "Stack, bytes", memory.stack, 0, -1
    yield "Flash, bytes", memory.flash, 0, -1
    yield "External flash, bytes", memory.external_flash or None, 0, -1
    yield "Bytes that differ", record.check.mismatches, 0, -1
    yield "Signal to noise, dB", record.check.sqnr_db, 1, 1


def _layer(record: Record, layer: Layer) -> tuple[str, str, float | None]:
    """Return a layer's name, its operator and its milliseconds."""
    cycles = nearest(layer.cycles)
    time = None if cycles is None else milliseconds(record, cycles.value)
    return layer.name, layer.op, None if time is None else round(time, 6)
