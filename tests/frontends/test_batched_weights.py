"""MatMul with a constant for each of a batch, quantized by channel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from qdq_models import Case, QdqModel, compare

from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.graph.ops import Linear

PAIRS = st.lists(st.sampled_from([(1, 1), (1, 3), (2, 2), (3, 1)]), min_size=1, max_size=3)
"""Extents of an axis of the batch: the weights', the activation's."""


def product(slot: int, axis: int, weights: tuple[int, ...], batch: tuple[int, ...]) -> Case:
    m = QdqModel(np.random.default_rng(0), 17)
    deep, rows, columns = 5, 3, 4
    x = m.activation((*batch, deep, columns) if slot == 0 else (*batch, rows, deep))
    w = m.weight((*weights, rows, deep) if slot == 0 else (*weights, deep, columns), axis)
    y = m.node("MatMul", w, x) if slot == 0 else m.node("MatMul", x, w)
    return m.case(m.random_pair(y, -6.0, 6.0))


@given(st.sampled_from([0, 1]), st.booleans(), PAIRS, st.integers(0, 2))
@example(1, True, [(2, 2), (3, 3)], 0)
@example(0, True, [(3, 1)], 0)
@example(1, False, [(2, 2), (1, 3), (3, 1)], 1)
def test_every_scale_counts(
    slot: int, rows: bool, pairs: list[tuple[int, int]], fewer: int
) -> None:
    weights, batch = (tuple(one) for one in zip(*pairs, strict=True))
    rank = len(weights) + 2
    axis = (rank - 2 if slot == 0 else rank - 1) if rows else 0
    assert compare(product(slot, axis, weights, batch[fewer:])).largest <= 1


@pytest.mark.parametrize("axis", [0, 1, 3])
def test_each_matrix_is_the_weight_of_a_product(axis: int) -> None:
    graph = graph_from_model(product(1, axis, (2, 3), (2, 3)).model, "apart")
    assert sum(isinstance(node, Linear) for node in graph.nodes) == 6


def test_one_scale_is_one_product() -> None:
    m = QdqModel(np.random.default_rng(0), 17)
    y = m.node("MatMul", m.activation((2, 3, 5)), m.weight((2, 5, 4)))
    graph = graph_from_model(m.case(m.random_pair(y, -6.0, 6.0)).model, "one")
    assert [node.op for node in graph.nodes].count("matmul") == 1
