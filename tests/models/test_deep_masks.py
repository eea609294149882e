"""Masks of -100 and such: they cost scores no steps where calibration shows that they hide."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from float_models import model_of, steps_off
from onnx import NodeProto, helper

from tinyrig.suite.models.deep_masks import shallow_scores, with_deep_masks
from tinyrig.suite.models.floating import float_source

N = helper.make_node
SIZE = 16
ROWS = (1, SIZE, SIZE)
HALVES = np.arange(SIZE)[:, None] // 8 == np.arange(SIZE) // 8

ADDED: dict[str, list[NodeProto]] = {
    "added": [N("Add", ["mask", "s"], ["h"])],
    "subtracted": [N("Sub", ["s", "minus"], ["h"])],
    "reshaped": [
        *[N("Add", ["s", "bias"], ["a"]), N("Reshape", ["a", "windows"], ["b"])],
        *[N("Add", ["b", "mask"], ["c"]), N("Reshape", ["c", "whole"], ["h"])],
    ],
    "a bias behind": [N("Add", ["s", "mask"], ["a"]), N("Add", ["a", "bias"], ["h"])],
}
CHOSEN = [N("Where", ["see", "s", "low"], ["h"])]


def scores(
    nodes: list[NodeProto], low: float, kept: np.ndarray[Any, Any] = HALVES
) -> onnx.ModelProto:
    mask = np.where(kept, 0, low).astype(np.float32)
    given = {
        **{"mask": mask, "minus": -mask, "see": kept, "low": np.float32(low)},
        "bias": np.linspace(-1, 1, SIZE, dtype=np.float32),
        **{"windows": np.int64([1, *ROWS]), "whole": np.int64(ROWS), "fifth": np.float32(0.2)},
    }
    before = [N("Transpose", ["x"], ["t"], perm=[0, 2, 1]), N("MatMul", ["t", "x"], ["m"])]
    before.append(N("Mul", ["m", "fifth"], ["s"]))
    return model_of([*before, *nodes, N("Softmax", ["h"], ["y"], axis=-1)], given, out=ROWS)


def deepened(model: onnx.ModelProto, low: float, high: float) -> bool:
    source = float_source(model)
    given = dict.fromkeys(shallow_scores(source), (low, high))
    return bool(given) and with_deep_masks(source, given) is not source


@pytest.mark.parametrize("nodes", [*ADDED.values(), CHOSEN], ids=[*ADDED, "chosen"])
def test_scores_keep_their_range(nodes: list[NodeProto]) -> None:
    worst, _ = steps_off(scores(nodes, -100.0))
    assert worst < 4.0


@pytest.mark.parametrize(
    "nodes", [ADDED["added"], ADDED["subtracted"]], ids=["added", "subtracted"]
)
@pytest.mark.parametrize(("reach", "hides"), [(42.0, True), (42.1, False)])
def test_a_constant_hides_what_it_sends_sixteen_below(
    nodes: list[NodeProto], reach: float, hides: bool
) -> None:
    assert deepened(scores(nodes, -100.0), -2.0, reach - 2.0) == hides


@pytest.mark.parametrize(("high", "hides"), [(37.5, True), (37.6, False)])
def test_a_constant_in_a_scores_place_hides_it(high: float, hides: bool) -> None:
    assert deepened(scores(CHOSEN, -100.0), -3.0, high) == hides


def test_a_bias_behind_counts() -> None:
    model = scores(ADDED["a bias behind"], -100.0)
    assert deepened(model, -1.0, 40.0) and not deepened(model, -1.0, 40.1)


@pytest.mark.parametrize("nodes", [ADDED["added"], CHOSEN], ids=["added", "chosen"])
def test_a_row_that_is_sent_down_whole_keeps_its_scores(nodes: list[NodeProto]) -> None:
    assert not deepened(scores(nodes, -100.0, np.arange(SIZE)[:, None] > np.zeros(SIZE)), -2, 2)


def test_what_is_read_elsewhere_or_has_other_rows_is_left() -> None:
    model = scores(ADDED["added"], -100.0)
    model.graph.node[-1].output[0] = "p"
    model.graph.node.append(N("Add", ["p", "h"], ["y"]))
    assert not deepened(model, -1.0, 1.0)
    turned = [N("Add", ["mask", "s"], ["a"]), N("Transpose", ["a"], ["h"], perm=[0, 2, 1])]
    assert not deepened(scores(turned, -100.0), -1.0, 1.0)
