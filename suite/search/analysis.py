"""TinyFormer's analysis of a search space, and what it says of its dimensions (Alg. 1, eq. 1-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinyrig.suite.search.judge import Judge
from tinyrig.suite.search.space import Space

LOWER, UPPER = 0.8, 2.8
"""Bounds of the weights of an accepted network, in weights a byte of the flash limit."""

ACCEPTED = 0.9
_DIMENSIONS = ("embed1", "embed2", "last")
_MULTIPLE = 4


@dataclass(frozen=True)
class Analysis:
    """Of `drawn` candidates, those that fit, those of them whose weights are in the bounds."""

    drawn: int
    fitting: int
    accepted: int
    least: int
    mean: float
    most: int

    @property
    def share(self) -> float:
        """Accepted of fitting ones."""
        return self.accepted / self.fitting if self.fitting else 0.0


def analyse(space: Space, judge: Judge, count: int, seed: int) -> Analysis:
    """Draw candidates and count those that are accepted."""
    rng = np.random.default_rng((seed, 1))
    limit = judge.limits.flash or 0
    weights = []
    accepted = 0
    for _ in range(count):
        config = {**space.outer.draw(rng), **space.inner.draw(rng)}
        found = judge.resources(config)
        if found.excess(judge.limits) <= 0.0:
            weights.append(found.weights)
            accepted += LOWER * limit <= found.weights <= UPPER * limit
    some = weights or [0]
    return Analysis(count, len(weights), accepted, min(some), float(np.mean(some)), max(some))


def adjusted(values: Sequence[int], found: Analysis) -> tuple[int, ...]:
    """Return dimensions moved as eq. 1 says, to whole multiples of 4."""
    slope = found.share + 0.1
    span = max(1, found.most - found.least)
    begin = min(values) + (found.mean - found.least) / span * (max(values) - min(values))
    middle = float(np.mean(values))
    moved = (slope * (value - middle) + begin for value in values)
    return tuple(max(_MULTIPLE, _MULTIPLE * round(value / _MULTIPLE)) for value in moved)


def advice(space: Space, found: Analysis) -> dict[str, tuple[int, ...]]:
    """Return the dimensions to search instead; nothing where the space is accepted."""
    if found.share > ACCEPTED or not found.fitting:
        return {}
    return {
        name: adjusted([int(value) for value in space.outer.values[name]], found)
        for name in _DIMENSIONS
        if name in space.outer.values
    }
