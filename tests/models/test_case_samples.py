"""What a calibrated model is run on, and how far it is told to be from the float one."""

from __future__ import annotations

import numpy as np
import pytest
from float_models import SQUARE, model_of
from onnx import helper

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.case import case_of
from tinyrig.suite.models.survey import survey

N = helper.make_node
SEEN = [{"x": np.full((1, 2, 16), n, np.float32)} for n in (-1.0, 0.5, 2.0)]
MODEL = model_of([N("MatMul", ["x", "W"], ["y"])], {"W": SQUARE}, shape=(1, 2, 16))


def drawn(count: int, seed: int = 0) -> list[float]:
    case = case_of(MODEL, "case", SEEN)
    (name,) = case.graph.inputs
    return [float(sample[name][0, 0, 0]) for sample in case.samples(count, seed)]


def test_samples_of_a_calibrated_model_are_what_it_was_calibrated_on() -> None:
    assert sorted(drawn(3)) == [-1.0, 0.5, 2.0]
    assert drawn(5) == [*drawn(3), *drawn(2)]
    assert {tuple(drawn(3, seed)) for seed in range(8)} != {tuple(drawn(3))}


def test_a_sample_has_the_batch_axis_that_its_calibration_input_left_out() -> None:
    case = case_of(MODEL, "case", [{"x": SEEN[2]["x"][0]}])
    (sample,) = case.samples(1)
    (name,) = case.graph.inputs
    assert sample[name].shape == (1, 2, 16)


def test_calibration_inputs_of_another_shape_are_refused() -> None:
    with pytest.raises(InputError, match="the model takes"):
        case_of(MODEL, "case", [{"x": SEEN[2]["x"][0, 0]}])


def test_a_survey_tells_the_sqnr_and_what_to_try_where_it_is_low() -> None:
    (note,) = survey(MODEL, "case", SEEN).notes
    assert note.startswith("calibrated by minmax: SQNR on 3 calibration inputs ")
    assert float(note.split("inputs ")[1].split(" dB")[0]) > 20
    assert "best" not in note
    tiny = np.float32([[[1.0] + 15 * [0.0]] * 2])
    lost = model_of(
        [N("MatMul", ["x", "W"], ["a"]), N("Add", ["a", "c"], ["b"]), N("Sub", ["b", "c"], ["y"])],
        {"W": SQUARE, "c": np.full(16, 1000, np.float32)},
        shape=(1, 2, 16),
    )
    (note,) = survey(lost, "case", [{"x": tiny}]).notes
    assert "--calibration-method best" in note
