"""A float model quantized by the calibration method that keeps it nearest to the float one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from tinyrig.suite.models.quantize import Feed, float_session, quantize_static
from tinyrig.suite.models.ranges import METHODS, Choice, Method
from tinyrig.suite.reference.compare import sqnr_db

_MOST_FEEDS = 64
"""Samples that methods are judged by."""


@dataclass(frozen=True, eq=False)
class Quantized:
    """A model in QDQ form, by which method, and a line on what the others would have given."""

    model: onnx.ModelProto
    method: Method
    notes: tuple[str, ...] = ()


def quantize_by(model: onnx.ModelProto, calibration: Sequence[Feed], choice: Choice) -> Quantized:
    """Quantize by a method, or by the one of the highest SQNR on the calibration inputs.

    The SQNR is that of all outputs in ONNX Runtime, against the float model's. Raises InputError
    as `quantize_static` does.
    """
    if choice != "best":
        return Quantized(quantize_static(model, calibration, choice), choice)
    judged = calibration[:: max(1, len(calibration) // _MOST_FEEDS)][:_MOST_FEEDS]
    wanted = _answers(model, judged)
    made = {method: quantize_static(model, calibration, method) for method in METHODS}
    levels = {method: sqnr_db(wanted, _answers(one, judged)) for method, one in made.items()}
    best = max(METHODS, key=lambda method: levels[method])
    told = ", ".join(f"{method} {level:.1f} dB" for method, level in levels.items())
    note = f"calibrated by {best}, the best on {len(judged)} calibration inputs: SQNR of {told}."
    return Quantized(made[best], best, (note,))


def _answers(model: onnx.ModelProto, feeds: Sequence[Feed]) -> np.ndarray:
    session = float_session(model)
    constants = {tensor.name for tensor in model.graph.initializer}
    names = [info.name for info in model.graph.input if info.name not in constants]
    shapes = {
        info.name: tuple(d.dim_value for d in info.type.tensor_type.shape.dim)
        for info in model.graph.input
    }
    found = []
    for feed in feeds:
        whole = {name: np.reshape(feed[name], shapes[name]) for name in names}
        found += [np.ravel(output).astype(np.float64) for output in session.run(None, whole)]
    return np.concatenate(found)
