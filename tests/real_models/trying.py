"""One model of the catalogue on the first board that it fits: a row of figures, or the refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from real_models.drawing import drawn
from real_models.finding import Entry, Found

import tinyrig
from tinyrig.generator.errors import BrokenRunError, FitError, TinyrigError
from tinyrig.generator.frontends.check import check_model
from tinyrig.generator.frontends.extents import Extents, with_extents
from tinyrig.generator.frontends.loader import read_model
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.energy import nearest

_CALIBRATION = 16


@dataclass(frozen=True)
class Row:
    """What came of a model; figures are of the board it ran on, `words` say what stopped it."""

    model: str
    package: str
    version: str
    verdict: str
    board: str = ""
    macs: int | None = None
    cycles: int | None = None
    ram: int | None = None
    flash: int | None = None
    external_flash: int | None = None
    sqnr_db: float | None = None
    words: str = ""


def tried(entry: Entry, place: Found, boards: Sequence[str], method: str) -> Row:
    """Run a model: calibrated where it is float, on its calibration's inputs."""
    words = []
    given = (entry.name, entry.package, place.version)
    try:
        feeds = None if entry.quantized else _feeds(entry, place)
        for board in boards:
            try:
                found = tinyrig.run(
                    place.path,
                    board=board,
                    calibration=feeds,
                    calibration_method=method,
                    shapes=entry.shapes,
                    constants=entry.constants,
                )
            except FitError as error:
                words.append(str(error))
                continue
            record = found.record
            cycles, memory = nearest(record.cycles), record.memory
            return Row(
                *given,
                "runs" if found.matches else "differs",
                board,
                record.model.macs,
                None if cycles is None else cycles.value,
                memory.peak_ram,
                memory.flash,
                memory.external_flash,
                None if record.check.sqnr_db is None else round(record.check.sqnr_db, 1),
                " | ".join(words),
            )
    except BrokenRunError as error:
        return Row(*given, "broken", words=str(error))
    except TinyrigError as error:
        return Row(*given, "refused", words=str(error))
    return Row(*given, "too large", words=" | ".join(words))


def _feeds(entry: Entry, place: Found) -> list[Sample]:
    shapes = {name: tuple(shape) for name, shape in entry.shapes.items()}
    extents = Extents({}, shapes, entry.constants)
    model, _ = with_extents(check_model(read_model(place.path, checked=False)), extents)
    held = {tensor.name for tensor in model.graph.initializer}
    wanted = {
        one.name: tuple(dim.dim_value for dim in one.type.tensor_type.shape.dim)
        for one in model.graph.input
        if one.name not in held
    }
    rng = np.random.default_rng(1)
    return [
        {name: drawn(rng, shape, entry.inputs, entry.low) for name, shape in wanted.items()}
        for _ in range(_CALIBRATION)
    ]
