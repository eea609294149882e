"""What stands in the way of a model, float or quantized, looked at without building it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.check import check_model, comes_quantized
from tinyrig.generator.frontends.dialect.standard import is_dialect, standardised
from tinyrig.generator.frontends.extents import NONE, Extents, with_extents
from tinyrig.generator.frontends.fitted import require_use
from tinyrig.generator.frontends.loader import NEEDS_CALIBRATION, read_model
from tinyrig.generator.frontends.obstacles import Obstacles
from tinyrig.generator.frontends.source import Codes, Source, Value
from tinyrig.generator.frontends.survey import (
    Reading,
    Survey,
    read_leniently,
    survey_dialect,
    survey_source,
)
from tinyrig.generator.graph.quantization import fit_symmetric, quantise
from tinyrig.generator.graph.tensor import Affine
from tinyrig.suite.models.dialect import Unsaid, ranges_of
from tinyrig.suite.models.exact import exact_parts
from tinyrig.suite.models.floating import prepared
from tinyrig.suite.models.methods import level_note, quantize_by
from tinyrig.suite.models.quantize import Ranges, observe_quantized
from tinyrig.suite.models.signals import Sample

_SOME = Affine(1.0 / 16.0, 0)
_CALIBRATE = "Give --calibration FILE.npz: one float array for each model input, samples first."


def survey_file(
    path: Path,
    calibration: Sequence[Sample] | None = None,
    extents: Extents = NONE,
    choice: str = "minmax",
) -> Survey:
    """Return the survey of an ONNX file.

    Raises InputError when it cannot be read as one, or for extents it does not have.
    """
    return survey(read_model(path, checked=False), path.stem, calibration, extents, choice)


def survey(
    model: onnx.ModelProto,
    name: str,
    calibration: Sequence[Sample] | None = None,
    extents: Extents = NONE,
    choice: str = "minmax",
) -> Survey:
    """Return all that stands in a model's way.

    A float model is looked at as if it were quantized; with calibration, and nothing else in its
    way, it is quantized and looked at again. Of a quantized one, calibration is for what is float.
    """
    obstacles = Obstacles()
    model = standardised(model)
    if is_dialect(model):
        seen = ranges_of(model, calibration, Unsaid())
        return survey_dialect(
            read_leniently(model, name, extents, obstacles), name, seen, obstacles
        )
    quantized = comes_quantized(model)
    if not quantized and calibration is None:
        obstacles.meet("", "", InputError(NEEDS_CALIBRATION), _CALIBRATE)
    reading = read_leniently(model, name, extents, obstacles)
    if reading.source is None:
        return Survey(name, obstacles.found, reading.folded, (), reading.notes, None)
    if quantized:
        left: Ranges = {}
        if calibration is not None:
            with obstacles.passing("", ""):
                left = observe_quantized(with_extents(check_model(model), extents)[0], calibration)
        found = survey_source(reading, reading.source, name, obstacles, left)
        if found.runs:
            require_use(name, left, found.notes[len(reading.notes) :])
        return found
    found = survey_source(reading, _as_if_quantized(reading.source), name, obstacles)
    if found.obstacles or calibration is None:
        return found
    return _calibrated(with_extents(model, extents)[0], calibration, choice, found)


def _calibrated(
    model: onnx.ModelProto, calibration: Sequence[Sample], choice: str, found: Survey
) -> Survey:
    """Quantize a float model in whose way nothing stands, and look at what came of it."""
    obstacles, name, notes = Obstacles(), found.name, found.notes
    with obstacles.passing("", "") as met:
        made = quantize_by(model, calibration, choice)
        told = made.notes or (level_note(model, made, calibration),)
        model, notes = made.model, (*notes, *told)
    if met:
        return replace(found, obstacles=obstacles.found, graph=None)
    reading: Reading = read_leniently(model, name, NONE, obstacles)
    if reading.source is None:
        return replace(found, obstacles=obstacles.found, graph=None)
    last = survey_source(reading, reading.source, name, obstacles, {})
    return replace(last, folded=found.folded, fused=found.fused, notes=notes)


def _as_if_quantized(source: Source) -> Source:
    """Return a float source with an affine everywhere the quantizer would put one: any."""
    exact = exact_parts(prepared(source))
    values = {
        name: _coded(value, exact.constants, exact.activations)
        for name, value in exact.source.values.items()
    }
    return replace(exact.source, values=values)


def _coded(value: Value, constants: frozenset[str], activations: frozenset[str]) -> Value:
    data = value.data
    if data is None:
        return value if value.name in activations else replace(value, affine=_SOME)
    real = data.dtype.kind == "f" and data.ndim > 0 and value.codes is None
    if not real or value.name in constants or not np.isfinite(data).all():
        return value
    affine = fit_symmetric(data)
    shape = (1,) * data.ndim
    scale, zero = np.full(shape, affine.scale), np.zeros(shape, dtype=np.int64)
    codes = Codes(quantise(data, affine).astype(np.int64), scale, zero, 8)
    return replace(value, codes=codes)
