"""Whether repeated measurements got worse: an exact one-sided rank test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import comb


def chance_of_worse(base: Sequence[float], head: Sequence[float]) -> float:
    """Return how often chance alone ranks the head this high or higher, in [0, 1].

    The exact permutation distribution of the rank sum, ties at their middle rank: of all ways to
    deal the values into two groups of these sizes, the share whose second group ranks no lower.
    An empty group tells nothing: 1.
    """
    if not base or not head:
        return 1.0
    doubled = _doubled_ranks([*base, *head])
    seen = sum(doubled[len(base) :])
    ways = _ways(doubled, len(head))
    return sum(count for total, count in ways.items() if total >= seen) / comb(
        len(doubled), len(head)
    )


def least_samples(false_alarms: float) -> int:
    """Return the measurements each side needs so that the test can ever tell a difference."""
    count = 1
    while 1 / comb(2 * count, count) > false_alarms:
        count += 1
    return count


def _doubled_ranks(values: Sequence[float]) -> list[int]:
    """Return twice each value's rank, so that middle ranks stay integers."""
    seen = Counter(values)
    ranks: dict[float, int] = {}
    below = 0
    for value in sorted(seen):
        ranks[value] = 2 * below + seen[value] + 1
        below += seen[value]
    return [ranks[value] for value in values]


def _ways(numbers: Sequence[int], chosen: int) -> Counter[int]:
    """Return how many choices of so many numbers give each sum."""
    sums: list[Counter[int]] = [Counter({0: 1}), *(Counter[int]() for _ in range(chosen))]
    for taken, number in enumerate(numbers, 1):
        for size in range(min(taken, chosen), 0, -1):
            for total, count in sums[size - 1].items():
                sums[size][total + number] += count
    return sums[chosen]
