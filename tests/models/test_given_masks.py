"""Masks that come in or are computed: whatever they hide, scores keep fine steps and hide well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import pytest
from float_models import model_of
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper

from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.floating import float_source
from tinyrig.suite.models.given_masks import maskings, without_depths
from tinyrig.suite.models.quantize import quantize_static
from tinyrig.suite.models.sessions import Feed, float_session
from tinyrig.suite.reference.boundary import dequantize_output, quantize_input
from tinyrig.suite.reference.executor import run_reference

N = helper.make_node
SIZE = 8
ROWS = (SIZE, SIZE)
CONSTANTS = {
    **{"one": np.float32(1), "low": np.float32(-1e4), "third": np.float32(0.3)},
    "bias": np.linspace(-4, 4, SIZE, dtype=np.float32),
    "causal": np.where(np.tri(SIZE), 0, -1e9).astype(np.float32),
}
ADDED = [N("Add", ["x", "m"], ["h"])]
FORMS: dict[str, list[NodeProto]] = {
    "added": ADDED,
    "subtracted": [N("Neg", ["m"], ["n"]), N("Sub", ["x", "n"], ["h"])],
    "scaled behind": [N("Add", ["m", "x"], ["a"]), N("Mul", ["a", "third"], ["h"])],
    "a bias behind": [N("Add", ["x", "m"], ["a"]), N("Add", ["bias", "a"], ["h"])],
    "a bias before": [N("Add", ["bias", "m"], ["a"]), N("Add", ["x", "a"], ["h"])],
    "a constant mask before": [N("Add", ["x", "causal"], ["a"]), N("Add", ["a", "m"], ["h"])],
}
RNG = np.random.default_rng(0)
SCORES = (2 * RNG.standard_normal((6, *ROWS))).astype(np.float32)
ALONE = np.where(np.eye(SIZE), 0, -1e4).astype(np.float32)[:, None]
"""One mask after the other that shows a single column."""


def model(nodes: Sequence[NodeProto], shape: Sequence[int] = (1, SIZE)) -> onnx.ModelProto:
    softmax = N("Softmax", ["h"], ["y"], axis=-1)
    made = model_of([*nodes, softmax], CONSTANTS, shape=ROWS)
    made.graph.input.append(helper.make_tensor_value_info("m", TensorProto.FLOAT, shape))
    return made


def feeds(low: float = -1e4) -> list[Feed]:
    """Return calibration inputs that hide nothing of the first three columns, and all others."""
    hidden = np.where(np.arange(SIZE) < 3, 0, low).astype(np.float32)[None]
    return [{"x": x, "m": hidden} for x in SCORES]


def answer(graph: Graph, feed: Feed) -> NDArray[np.float64]:
    codes = {name: quantize_input(feed[name], graph.tensors[name].affine) for name in ("x", "m")}
    (result,) = graph.outputs
    real = dequantize_output(run_reference(graph, codes)[result], graph.tensors[result].affine)
    return real.astype(np.float64)


def ranges(
    nodes: list[NodeProto], *, shown: str = "", low: float = -1e4
) -> dict[str, tuple[float, float]]:
    """Return the ranges left of those of a mask of `low` and scores from 0 to 4."""
    made = model(nodes)
    if shown:
        made.graph.output.append(helper.make_tensor_value_info(shown, TensorProto.FLOAT, (1, SIZE)))
    seen = {name: (-1e4, 4.0) for node in nodes for name in node.output}
    seen |= {"x": (0.0, 4.0), "m": (low, 0.0)}
    return without_depths(float_source(made), seen, feeds(low))


@pytest.mark.parametrize("nodes", FORMS.values(), ids=FORMS)
def test_scores_are_fine_whatever_a_mask_hides_in_use(nodes: list[NodeProto]) -> None:
    made = model(nodes)
    graph = graph_from_model(quantize_static(made, feeds()), "case")
    session = float_session(made)
    for x, m in zip(SCORES, [*ALONE[:5], feeds()[0]["m"]], strict=True):
        feed = {"x": x, "m": m}
        (right,) = session.run(None, feed)
        # A row whose columns are hidden all is another question.
        rows = (np.tri(SIZE) * (m == 0)).any(axis=-1)
        assert np.abs(answer(graph, feed) - right)[rows].max() < 0.06


@pytest.mark.parametrize(("low", "hides"), [(-24.1, True), (-23.9, False)])
def test_a_mask_hides_what_it_sends_sixteen_below_twice_the_scores(low: float, hides: bool) -> None:
    assert (ranges(ADDED, low=low)["h"][0] > -30.0) == hides


def test_constants_behind_count() -> None:
    nodes = FORMS["a bias behind"]
    assert ranges(nodes, low=-32.1)["h"][0] > -40.0
    assert ranges(nodes, low=-31.9)["h"][0] == -1e4


def test_a_mask_that_is_read_elsewhere_or_shown_keeps_its_range() -> None:
    assert ranges(ADDED)["m"] == (-24.0, 0.0)
    assert ranges(ADDED, shown="m")["m"] == (-1e4, 0.0)
    assert ranges([*ADDED, N("Neg", ["m"], ["n"])], shown="n")["m"] == (-1e4, 0.0)


ROW = np.where(np.arange(SIZE) < 3, -1e4, 0).astype(np.float32)[None]
BEHIND = [N("Add", ["x", "m"], ["a"]), N("Add", ["a", "causal"], ["h"])]


@pytest.mark.parametrize(
    ("nodes", "mask"), [(ADDED, np.where(ROW.T < 0, -1e4, ROW)), (BEHIND, ROW)]
)
def test_rows_that_are_hidden_whole_keep_all_ranges(
    nodes: list[NodeProto], mask: NDArray[np.float32]
) -> None:
    source = float_source(model(nodes, mask.shape))
    given = {"x": (-4.0, 4.0), "m": (-1e4, 0.0), nodes[0].output[0]: (-1e4, 4.0)}
    assert without_depths(source, given, [{"x": SCORES[0], "m": mask}]) == given


@pytest.mark.parametrize(
    "nodes",
    [
        [N("Add", ["x", "x"], ["h"])],
        [N("Sub", ["m", "x"], ["a"]), N("Sub", ["one", "a"], ["h"])],
        [N("Add", ["x", "m"], ["a"]), N("Transpose", ["a"], ["h"], perm=[1, 0])],
        [N("Add", ["x", "m"], ["a"]), N("Mul", ["a", "low"], ["h"])],
    ],
    ids=["doubled", "turned over", "transposed", "negative"],
)
def test_what_hides_nothing_is_no_mask(nodes: list[NodeProto]) -> None:
    assert maskings(float_source(model(nodes))) == []
