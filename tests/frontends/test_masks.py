"""Masked softmax as exporters write it, against ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qdq_models import Case, QdqModel, compare, run_onnx

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.graph.ops import Softmax
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.suite.reference.boundary import quantize_input
from tinyrig.suite.reference.executor import run_reference

FORMS = ("where", "where not", "add", "add turned", "sub")
LEAST = (-np.inf, float(np.finfo(np.float32).min), -1e9, -1e4)
PROBABILITY = (1 / 256, -128)


def masked(m: QdqModel, scores: str, kept: np.ndarray, form: str, least: float) -> str:
    """Add the mask in one of its forms."""
    added = np.where(kept, 0.0, least)
    match form:
        case "where":
            return m.node("Where", m.constant(kept), scores, m.floats(least))
        case "where not":
            return m.node("Where", m.constant(~kept), m.floats(least), scores)
        case "add":
            return m.node("Add", scores, m.floats(added))
        case "add turned":
            return m.node("Add", m.floats(added), scores)
        case _:
            return m.node("Sub", scores, m.floats(-added))


def causal(rows: int, columns: int | None = None) -> np.ndarray:
    return np.tril(np.ones((rows, columns or rows), bool))


def masked_codes(case: Case) -> tuple[np.ndarray, int]:
    """Return the first output's codes, and its zero point."""
    graph = run_passes(graph_from_model(case.model, "case"))
    inputs = {
        name: quantize_input(case.feeds[name], graph.tensors[name].affine) for name in graph.inputs
    }
    (name,) = graph.outputs
    return run_reference(graph, inputs)[name], graph.tensors[name].affine.zero_point


@pytest.mark.parametrize("least", LEAST)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_one_softmax_of_what_is_kept(form: str, least: float) -> None:
    m = QdqModel(np.random.default_rng(3), 17)
    scores = m.activation((1, 2, 6, 6))
    p = m.node("Softmax", masked(m, scores, causal(6), form, least), axis=-1)
    case = m.case(m.pair(p, *PROBABILITY))
    assert compare(case).largest <= 1
    (node,) = graph_from_model(case.model, "case").nodes
    assert isinstance(node, Softmax) and node.kept is not None
    codes, zero = masked_codes(case)
    assert np.all(codes[..., ~causal(6)] == zero)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(FORMS),
    st.sampled_from(LEAST),
    st.sampled_from([(5, 7), (1, 7), (5, 1), (3, 5, 7), (1, 5, 7), (2, 1, 1, 7), (2, 3, 5, 7)]),
    st.integers(0, 2**32 - 1),
)
def test_masks_broadcast(form: str, least: float, shape: tuple[int, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    kept = rng.random(shape) < 0.6
    kept[..., 0] = True  # no row is without a score
    m = QdqModel(rng, 17)
    p = m.node("Softmax", masked(m, m.activation((2, 3, 5, 7)), kept, form, least))
    case = m.case(m.pair(p, *PROBABILITY))
    assert compare(case).largest <= 1
    codes, zero = masked_codes(case)
    assert np.all(codes[~np.broadcast_to(kept, codes.shape)] == zero)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("between", ["none", "the scores'", "another"])
def test_scores_quantized_behind_their_mask(form: str, between: str) -> None:
    """A mask saturates there; the least code of so wide a range has no probability either."""
    m = QdqModel(np.random.default_rng(4), 17)
    product = m.node("MatMul", m.same_range((2, 6, 8), -1, 1), m.same_range((2, 8, 6), -1, 1))
    scores = m.node("Mul", product, m.floats(6.0))
    if between != "none":
        scores = m.pair(scores, 0.11, -7)
    y = masked(m, scores, causal(6), form, -1e9)
    y = m.pair(y, *((0.11, -7) if between == "the scores'" else (0.15, 20)))
    case = m.case(m.pair(m.node("Softmax", y), *PROBABILITY))
    assert compare(case).largest <= 1
    codes, zero = masked_codes(case)
    assert np.all(codes[..., ~causal(6)] == zero)


def test_rows_without_a_score_are_zero() -> None:
    m = QdqModel(np.random.default_rng(5), 17)
    kept = causal(6)
    kept[2] = False
    y = m.node("Softmax", masked(m, m.activation((2, 6, 6)), kept, "add", -np.inf))
    guarded = m.node("Where", m.node("IsNaN", y), m.floats(0.0), y)
    case = m.case(m.pair(guarded, *PROBABILITY))
    assert compare(case).largest <= 1
    codes, zero = masked_codes(case)
    assert np.all(codes[:, 2] == zero)
    assert np.isfinite(run_onnx(case)[0]).all()


def test_a_causal_attention_keeps_its_three_operators() -> None:
    m = QdqModel(np.random.default_rng(6), 17)
    q, k, v = (m.same_range((1, 2, 9, 4), -2, 2) for _ in range(3))
    product = m.node("MatMul", q, m.node("Transpose", k, perm=[0, 1, 3, 2]))
    y = masked(m, m.quantised(product), causal(9), "where", -1e9)
    p = m.pair(m.node("Softmax", y), *PROBABILITY)
    case = m.case(m.quantised(m.node("MatMul", p, v)))
    graph = run_passes(graph_from_model(case.model, "case"))
    assert not any(node.op == "attention" for node in graph.nodes)
    assert compare(case).largest <= 1


def refused(build: Any) -> str:
    m = QdqModel(np.random.default_rng(7), 17)
    y = build(m, m.activation((2, 5)))
    case = m.case(m.pair(y, *PROBABILITY))
    with pytest.raises(UnsupportedError) as caught:
        graph_from_model(case.model, "case")
    return str(caught.value)


def test_a_where_that_masks_nothing_and_stays_float_is_refused_by_name() -> None:
    weak = refused(lambda m, x: m.node("Softmax", masked(m, x, causal(2, 5), "where", -5.0)))
    assert "Where" in weak
