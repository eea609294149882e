"""Masked softmax, and attention with limited probabilities, against float64."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference_cases import Quantized, assert_close, run_one, wires
from test_reference_softmax import PROBABILITY, SEEDS, attention_case, float_softmax

from tinyrig.generator.graph.exponentials import row_limit, softmax_tables
from tinyrig.generator.graph.ops import Attention, Softmax
from tinyrig.generator.graph.tensor import Affine


@settings(max_examples=60)
@given(
    st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 9)),
    st.integers(0, 2),
    st.sampled_from([0.0, 0.4, 1.0]),
    SEEDS,
)
@example((2, 3, 7), 2, 0.0, 0)
def test_a_masked_softmax_is_that_of_the_kept_scores(
    shape: tuple[int, int, int], axis: int, share: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    part = [extent if rng.random() < 0.7 else 1 for extent in shape]
    kept = rng.random(part) < share
    x = Quantized(rng.integers(-128, 128, shape, dtype=np.int8), Affine(0.05, 11))
    tables = softmax_tables(0.05, shape[axis], PROBABILITY.scale)
    node = Softmax(axis=axis, kept=kept, **vars(tables), **wires(1))
    got = run_one(node, [x], shape, PROBABILITY)
    everywhere = np.broadcast_to(kept, shape)
    powers = np.exp(x.real - x.real.max()) * everywhere
    total = powers.sum(axis=axis, keepdims=True)
    exact = np.divide(powers, total, out=np.zeros(shape), where=total > 0)
    assert_close(got, exact, PROBABILITY, 0.02)
    assert np.all(got[~everywhere] == PROBABILITY.zero_point)


@settings(max_examples=40)
@given(
    st.tuples(*(st.integers(1, 20) for _ in range(4))),
    st.floats(0.001, 0.5),
    st.sampled_from([1.0, 255 / 256, 0.52, 0.2, 0.0]),
    SEEDS,
)
def test_limited_attention_weighs_with_the_probabilities_clipped(
    sizes: tuple[int, int, int, int], score_scale: float, largest: float, seed: int
) -> None:
    """The sum that divides is the row's own: what is clipped is lost, as in the graph."""
    rng = np.random.default_rng(seed)
    node, scores, operands, to, _, score_to = attention_case(rng, (2,), sizes, score_scale)
    q, k, v = operands
    turned = Quantized(np.ascontiguousarray(k.codes.swapaxes(-1, -2)), k.affine)
    codes = run_one(scores, [q, turned], (2, sizes[0], sizes[1]), score_to)
    weights = np.minimum(float_softmax(Quantized(codes, score_to).real), largest)
    limit = row_limit(largest, int(node.exp[0]))
    limited = Attention(**(vars(node) | {"limit": limit}))
    exact = weights @ v.real
    assert_close(run_one(limited, operands, exact.shape, to), exact, to, 0.05)
