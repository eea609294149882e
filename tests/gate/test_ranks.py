"""The rank test against scipy's, and its rate of false alarms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.suite.gate.ranks import chance_of_worse, least_samples

_SIZES = st.integers(1, 9)


@given(_SIZES, _SIZES, st.integers(0, 2**32 - 1))
def test_without_ties_it_is_the_exact_mann_whitney_test(m: int, n: int, seed: int) -> None:
    from scipy import stats

    values = np.random.default_rng(seed).permutation(m + n).astype(float)
    base, head = values[:m].tolist(), values[m:].tolist()
    exact = stats.mannwhitneyu(head, base, alternative="greater", method="exact")
    assert math.isclose(chance_of_worse(base, head), exact.pvalue, rel_tol=1e-9)


@given(st.lists(st.integers(0, 3), min_size=2, max_size=8), st.data())
def test_with_ties_it_is_the_share_of_all_deals(values: list[int], data: st.DataObject) -> None:
    from scipy import stats

    cut = data.draw(st.integers(1, len(values) - 1))
    ranks = stats.rankdata(values)
    seen = sum(ranks[cut:])
    deals = list(_choices(len(values), len(values) - cut))
    share = sum(sum(ranks[at] for at in deal) >= seen - 1e-9 for deal in deals) / len(deals)
    assert math.isclose(chance_of_worse(values[:cut], values[cut:]), share)


def _choices(count: int, size: int) -> list[tuple[int, ...]]:
    from itertools import combinations

    return list(combinations(range(count), size))


@pytest.mark.parametrize("levels", [5, 10**6])
def test_equal_code_rarely_fails(levels: int) -> None:
    """Of runs drawn from one distribution, no more than the stated rate is called worse."""
    rng = np.random.default_rng(7)
    rate, tries = 0.05, 2000
    drawn = rng.integers(0, levels, size=(tries, 16))
    alarms = sum(chance_of_worse(row[:8].tolist(), row[8:].tolist()) <= rate for row in drawn)
    # Five standard deviations above what the rate allows.
    assert alarms <= rate * tries + 5 * math.sqrt(rate * (1 - rate) * tries)


def test_the_samples_it_needs() -> None:
    assert least_samples(0.001) == 7
    assert [least_samples(1 / ways) for ways in (20, 19.9, 70)] == [3, 3, 4], "C(6, 3) is 20"
    base = [float(value) for value in range(7)]
    assert chance_of_worse(base, [value + 100 for value in base]) <= 0.001
    assert chance_of_worse(base[:6], [value + 100 for value in base[:6]]) > 0.001
    assert chance_of_worse([], base) == 1.0
    assert chance_of_worse(base, base) > 0.4
