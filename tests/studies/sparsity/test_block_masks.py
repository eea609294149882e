"""Block masks and the pruning schedule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.masks import block_mask
from tinyrig.suite.training.schedule import agp_sparsity


@given(
    n=st.integers(1, 6),
    blocks=st.integers(1, 9),
    short=st.integers(0, 3),
    size=st.sampled_from([2, 3, 4]),
    sparsity=st.floats(0, 1),
    seed=st.integers(0, 99),
)
@example(n=2, blocks=3, short=1, size=4, sparsity=1.0, seed=0)
@example(n=2, blocks=3, short=1, size=4, sparsity=0.0, seed=0)
def test_the_largest_blocks_are_kept(
    n: int, blocks: int, short: int, size: int, sparsity: float, seed: int
) -> None:
    k = max(1, blocks * size - short % size)
    weight = np.random.default_rng(seed).normal(size=(n, k))
    starts = np.arange(0, k, size)
    energy = np.add.reduceat(weight**2, starts, axis=1)
    mask = block_mask(weight, size, sparsity)
    kept = mask[:, starts]
    np.testing.assert_array_equal(mask, np.repeat(kept, size, axis=1)[:, :k])
    assert kept.sum() == kept.size - round(sparsity * kept.size)
    if kept.any() and not kept.all():
        assert energy[kept].min() >= energy[~kept].max()
    even = block_mask(weight, size, sparsity, "balanced")[:, starts]
    assert set(even.sum(axis=1)) == {len(starts) - round(sparsity * len(starts))}
    for row, chosen in zip(energy, even, strict=True):
        if chosen.any() and not chosen.all():
            assert row[chosen].min() >= row[~chosen].max()


def test_balanced_rows_keep_whole_steps() -> None:
    weight = np.random.default_rng(1).normal(size=(3, 14))
    for sparsity, kept in ((0.9, 2), (0.5, 4), (0.3, 6), (0.05, 7), (1.0, 0)):
        mask = block_mask(weight, 2, sparsity, "balanced", step=2)
        assert set(mask.sum(axis=1)) == {2 * kept}


@pytest.mark.parametrize(("size", "sparsity"), [(4, -0.1), (4, 1.1), (4, float("nan")), (0, 0.5)])
def test_what_no_mask_has(size: int, sparsity: float) -> None:
    with pytest.raises(InputError):
        block_mask(np.ones((2, 8)), size, sparsity)


def test_the_schedule_is_a_cubic() -> None:
    found = [agp_sparsity(step, 0.8, begin=10, steps=4) for step in (0, 10, 11, 12, 14, 99)]
    expected = [0.0, 0.0, 0.8 * (1 - 0.75**3), 0.8 * (1 - 0.5**3), 0.8, 0.8]
    np.testing.assert_allclose(found, expected)
    assert agp_sparsity(0, 0.8, begin=0, steps=4, initial=0.2) == pytest.approx(0.2)
