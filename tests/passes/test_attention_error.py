"""Fused attention is the graph's own three operators, or near them where rounding is left out."""

from __future__ import annotations

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder
from hypothesis import example, given, settings
from hypothesis import strategies as st
from passes.comparing import ops

from tinyrig.generator.graph.exponentials import softmax_tables
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Attention, MatMul, Softmax
from tinyrig.generator.graph.requant import requantise
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.passes.attention_error import MOST_STEPS, attention_error
from tinyrig.generator.passes.fuse_attention import fuse_attention
from tinyrig.suite.reference.executor import run_reference

CASE = Affine(0.52 / 255, -128)


def chain(
    scores: Affine, probabilities: Affine, values: Affine, outputs: Affine, length: int
) -> Graph:
    """Scores [S, T] as given (a product with the unit matrix), softmax, and a product."""
    tables = softmax_tables(scores.scale, length, probabilities.scale)
    unit = Affine(1.0, 0)
    same, start = requantise(
        [1.0], np.zeros(1, np.int64), np.array([128 * length]), scores.zero_point
    )
    real = probabilities.scale * values.scale / outputs.scale
    weigh, _ = requantise(
        [real], np.zeros(1, np.int64), np.array([255 * 255 * length]), outputs.zero_point
    )
    tensors = {
        "q": Tensor("q", (8, length), unit),
        "k": Tensor("k", (length, length), unit),
        "v": Tensor("v", (length, 16), values),
        "s": Tensor("s", (8, length), scores),
        "p": Tensor("p", (8, length), probabilities),
        "y": Tensor("y", (8, 16), outputs),
    }
    second = int(requantise([real], np.zeros(1, np.int64), np.array([0]), outputs.zero_point)[1][0])
    nodes = (
        MatMul(name="qk", inputs=("q", "k"), outputs=("s",), start=int(start[0]), requant=same),
        Softmax(name="soft", inputs=("s",), outputs=("p",), axis=1, **vars(tables)),
        MatMul(name="pv", inputs=("p", "v"), outputs=("y",), start=second, requant=weigh),
    )
    return Graph("chain", tensors, nodes, ("q", "k", "v"), ("y",))


def rows(rng: np.random.Generator, kind: str, length: int) -> np.ndarray:
    """Eight rows of scores: spread out, flat, or of two levels."""
    if kind == "peaked":
        return np.clip(np.rint(rng.normal(0, 50, (8, length))), -128, 127)
    if kind == "flat":
        return rng.integers(-3, 4, (8, length)).astype(float)
    found = np.full((8, length), 60.0)
    for row in found:
        row[rng.integers(1, length + 1) :] -= rng.integers(0, 180)
    return found


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([1, 2, 3, 7, 16, 64, 81, 128, 257, 1024]),
    st.sampled_from(["peaked", "flat", "levels"]),
    st.floats(0.005, 0.4),
    st.sampled_from([1 / 255, 1 / 256, 0.52 / 255, 0.1 / 255, 1 / 16, 2.0**-14]),
    st.sampled_from([-128, -127, 0, 100, 126]),
    st.sampled_from([-128, -5, 0, 17, 127]),
    st.floats(0.02, 2.0),
    st.integers(0, 2**32 - 1),
)
@example(12, "peaked", 0.25, 0.52 / 255, -128, 0, 2.0, 1)
@example(16, "levels", 0.25, 0.1 / 255, -128, 0, 2.0, 1)
@example(16, "flat", 0.02, 1 / 255, 0, 17, 1.5, 2)
@example(1024, "flat", 0.1, 0.1 / 255, -128, 127, 1.5, 2)
@example(1024, "peaked", 0.4, 1 / 255, -128, -128, 2.0, 3)
@example(3, "levels", 0.1, 1 / 255, -128, 0, 0.5, 4)
@example(5, "flat", 0.1, 1 / 256, -128, 5, 0.5, 5)
def test_what_is_fused_is_the_three_operators(
    length: int,
    kind: str,
    score: float,
    step: float,
    zero_point: int,
    values: int,
    gain: float,
    seed: int,
) -> None:
    """Byte for byte where it rounds, and within two steps on every output where it does not."""
    rng = np.random.default_rng(seed)
    parts = (Affine(score, 0), Affine(step, zero_point), Affine(gain, values), Affine(1.0, 0))
    graph = chain(*parts, length)
    fused = fuse_attention(graph)
    (node,) = fused.nodes[-1:]
    assert isinstance(node, Attention)
    v = np.clip(np.rint(rng.normal(values, 36, (length, 16))), -128, 127)
    inputs = {
        "q": rows(rng, kind, length).astype(np.int8),
        "k": np.eye(length, dtype=np.int8),
        "v": v.astype(np.int8),
    }
    plain, got = (run_reference(one, inputs)["y"].astype(int) for one in (graph, fused))
    assert np.abs(plain - got).max() <= (MOST_STEPS if node.rounding is None else 0)


def test_probabilities_are_clipped_where_their_range_ends() -> None:
    """One key outweighs the others: its probability is 1, and 0.52 in the graph."""
    graph = chain(Affine(0.25, 0), CASE, Affine(2.0, 0), Affine(1.0, 0), 12)
    (node,) = fuse_attention(graph).nodes[-1:]
    assert isinstance(node, Attention)
    q = np.full((8, 12), -100, np.int8)
    q[:, 3] = 100
    v = np.zeros((12, 16), np.int8)
    v[3] = 60
    inputs = {"q": q, "k": np.eye(12, dtype=np.int8), "v": v}
    for one in (graph, fuse_attention(graph)):
        assert np.all(run_reference(one, inputs)["y"] == round(0.52 * 2 * 60))


@pytest.mark.parametrize(
    ("length", "step", "values"),
    [
        (64, 1 / 16, 0),
        (16, 1 / 16, 0),
        (81, 1 / 255, 0),
        (512, 1 / 255, 0),
        (1024, 0.1 / 255, 0),
        (64, 1 / 255, -128),
        (5, 0.52 / 255, 0),
    ],
    ids=["coarse", "coarse and short", "EEG", "long", "long and fine", "one sign", "clipped"],
)
def test_what_rounding_decides_is_rounded(length: int, step: float, values: int) -> None:
    graph = chain(Affine(0.1, 0), Affine(step, -128), Affine(1.5, values), Affine(1.0, 0), length)
    (node,) = fuse_attention(graph).nodes[-1:]
    assert isinstance(node, Attention) and node.rounding is not None


def test_short_rows_of_a_whole_range_leave_the_rounding_out() -> None:
    graph = chain(Affine(0.1, 0), Affine(1 / 255, -128), Affine(1.0, 0), Affine(1.0, 0), 5)
    (node,) = fuse_attention(graph).nodes[-1:]
    assert isinstance(node, Attention) and node.rounding is None


@pytest.mark.parametrize("probabilities", [Affine(1 / 255, 127), Affine(0.9 * 2.0**-14, -128)])
def test_what_no_kernel_rounds_stays(probabilities: Affine) -> None:
    graph = chain(Affine(0.1, 0), probabilities, Affine(1.0, 0), Affine(1.0, 0), 5)
    assert ops(fuse_attention(graph)) == ops(graph)


def test_every_part_grows_with_what_makes_it() -> None:
    at = (Affine(0.1, 0), Affine(1 / 255, -128), Affine(1.0, 0), Affine(1.0, 0))
    plain = attention_error(*at, 64, 32767)
    assert attention_error(at[0], Affine(1 / 100, -128), *at[2:], 64, 32767).rounding > (
        2 * plain.rounding
    )
    assert attention_error(*at, 64, 8191).table > 2 * plain.table
    assert attention_error(at[0], CASE, *at[2:], 64, 32767).clipped > 60.0
    assert plain.flat == plain.clipped == 0.0
    assert attention_error(*at[:2], Affine(1.0, -128), at[3], 64, 32767).flat > 1.0


def test_masked_scores_are_not_fused() -> None:
    b = GraphBuilder(5)
    q, k, v = b.input((5, 4)), b.input((4, 6)), b.input((6, 3))
    graph = b.graph([b.matmul(b.softmax(b.matmul(q, k), 1, masked=True), v)])
    assert ops(fuse_attention(graph)) == ops(graph)
