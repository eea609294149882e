"""Masks that something follows before the Softmax: the quantized model is the function it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from float_models import model_of, steps_off
from onnx import NodeProto, helper

from tinyrig.generator.frontends.mask_order import masks_last
from tinyrig.suite.models.floating import float_source

N = helper.make_node
SIZE = 16
VISIBLE = np.tril(np.ones((SIZE, SIZE), bool))
SLOPES = -0.1 * np.abs(np.subtract.outer(np.arange(SIZE), np.arange(SIZE)))
FULL = (1, SIZE, SIZE)

FORMS: dict[str, list[NodeProto]] = {
    "subtracted": [N("Sub", ["s", "minus"], ["h"])],
    "divided": [N("Add", ["s", "mask"], ["a"]), N("Div", ["a", "two"], ["h"])],
    "scaled": [N("Add", ["mask", "s"], ["a"]), N("Mul", ["half", "a"], ["h"])],
    "chosen and scaled": [N("Where", ["see", "s", "low"], ["a"]), N("Mul", ["a", "half"], ["h"])],
    "chosen twice": [
        N("Where", ["see", "s", "low"], ["a"]),
        N("Where", ["hidden", "low", "a"], ["h"]),
    ],
    "two masks": [N("Add", ["s", "mask"], ["a"]), N("Add", ["a", "padding"], ["h"])],
    "chosen and added": [N("Where", ["see", "s", "low"], ["a"]), N("Add", ["a", "padding"], ["h"])],
    "a bias that masks": [N("Add", ["s", "slopes"], ["h"])],
    "a bias behind": [N("Add", ["s", "mask"], ["a"]), N("Add", ["a", "bias"], ["h"])],
    "floored": [N("Add", ["s", "mask"], ["a"]), N("Max", ["a", "low"], ["h"])],
    "clipped": [N("Add", ["s", "mask"], ["a"]), N("Clip", ["a", "low"], ["h"])],
    "reshaped": [
        *[N("Add", ["s", "mask"], ["a"]), N("Reshape", ["a", "four"], ["b"])],
        *[N("Mul", ["b", "half"], ["c"]), N("Squeeze", ["c", "first"], ["h"])],
    ],
    "transposed": [N("Add", ["s", "upper"], ["a"]), N("Transpose", ["a"], ["h"], perm=[0, 2, 1])],
}


def constants(low: float) -> dict[str, Any]:
    mask = np.where(VISIBLE, 0, low).astype(np.float32)
    padding = np.where(np.arange(SIZE) < SIZE - 2, 0, low).astype(np.float32)
    return {
        **{name: np.float32(x) for name, x in (("fifth", 0.2), ("two", 2), ("half", 0.5))},
        **{"low": np.float32(low), "mask": mask, "minus": -mask, "padding": padding},
        **{"see": VISIBLE, "hidden": np.arange(SIZE) >= SIZE - 2, "upper": mask.T.copy()},
        "slopes": np.where(VISIBLE, SLOPES, low).astype(np.float32),
        "bias": np.linspace(-1, 1, SIZE, dtype=np.float32),
        **{"four": np.int64([1, *FULL]), "first": np.int64([0])},
    }


def masked(form: str, low: float) -> onnx.ModelProto:
    nodes = [N("Transpose", ["x"], ["t"], perm=[0, 2, 1]), N("MatMul", ["t", "x"], ["m"])]
    nodes += [N("Mul", ["m", "fifth"], ["s"]), *FORMS[form]]
    return model_of([*nodes, N("Softmax", ["h"], ["y"], axis=-1)], constants(low), out=FULL)


@pytest.mark.parametrize("low", [float(np.finfo(np.float32).min), -1e9, -1e4, -np.inf])
@pytest.mark.parametrize("form", FORMS)
def test_scores_keep_their_range_and_masked_ones_are_masked(form: str, low: float) -> None:
    with np.errstate(over="ignore"):
        worst, ops = steps_off(masked(form, low))
    assert worst < 4.0
    assert "softmax" in ops


def test_a_mask_right_before_its_softmax_stays_as_it_is() -> None:
    nodes = [N("Add", ["x", "mask"], ["h"]), N("Softmax", ["h"], ["y"])]
    source = float_source(model_of(nodes, {"mask": np.float32([0] * 15 + [-1e9])}))
    assert masks_last(source) is source


@pytest.mark.parametrize("scale", [1e-3, -1.0])
def test_what_is_no_mask_any_more_behind_a_scale_is_left(scale: float) -> None:
    nodes = [N("Add", ["x", "mask"], ["a"]), N("Mul", ["a", "scale"], ["h"])]
    given = {"mask": np.float32([0] * 15 + [-2e4]), "scale": np.float32(scale)}
    source = float_source(model_of([*nodes, N("Softmax", ["h"], ["y"])], given))
    assert masks_last(source) is source


def test_a_masked_tensor_that_is_read_elsewhere_is_left() -> None:
    nodes = [N("Add", ["x", "mask"], ["a"]), N("Mul", ["a", "half"], ["h"])]
    nodes += [N("Softmax", ["h"], ["p"]), N("Add", ["p", "a"], ["y"])]
    given = {"mask": np.float32([0] * 15 + [-1e9]), "half": np.float32(0.5)}
    source = float_source(model_of(nodes, given))
    assert masks_last(source) is source
