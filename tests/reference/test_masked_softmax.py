"""Masked softmax against float64."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference_cases import Quantized, assert_close, run_one, wires
from test_reference_softmax import PROBABILITY, SEEDS

from tinyrig.generator.graph.exponentials import softmax_tables
from tinyrig.generator.graph.ops import Softmax
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
