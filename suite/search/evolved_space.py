"""MCUFormer's search: the space of supernets evolves, then a network within the memory is found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinyrig.suite.search.evolution import Evolution, evolved_paths
from tinyrig.suite.search.journal import Trial
from tinyrig.suite.search.space import Choices, Config, Value
from tinyrig.suite.search.tools import Tools

NEIGHBOURS = 5
_ETA = 0.2
"""Weight of the share that fits, in points of accuracy of 0 to 1."""

_THRESHOLD = 0.02
"""By how much the score must rise over a whole axis for the space to move a step on it."""

_RATIO_SAMPLES = 8
_SPACE, _NETWORK = 4, 5


@dataclass(frozen=True)
class Point:
    """A supernet's place on the axes, in steps, after how many trainings, and its score."""

    place: tuple[int, ...]
    trainings: int
    score: float


def slopes(points: Sequence[Point], at: Point, neighbours: int = NEIGHBOURS) -> tuple[float, ...]:
    """Return by how much the score rises a step of each axis, near a point (eq. 4).

    The nearest points of as many trainings count; where there is none but itself, those of one
    training fewer.
    """
    others = [p for p in points if p.trainings == at.trainings and p.place != at.place]
    if not others:
        others = [p for p in points if p.trainings == at.trainings - 1 and p.place != at.place]
    if not others:
        return (0.0,) * len(at.place)
    near = sorted(others, key=lambda p: _distance(p.place, at.place))[:neighbours]
    rows = np.array([[*p.place, 1.0] for p in [*near, at]])
    fitted, *_ = np.linalg.lstsq(rows, np.array([p.score for p in [*near, at]]), rcond=None)
    return tuple(float(slope) for slope in fitted[:-1])


def moved(
    place: tuple[int, ...], rises: Sequence[float], extents: Sequence[int]
) -> tuple[int, ...]:
    """Return the next place: whole thresholds of rise are steps up, for the score is to grow.

    Eq. 3 is written for an error that is to fall; only the sign differs.
    """
    found = []
    for step, rise, extent in zip(place, rises, extents, strict=True):
        steps = int(abs(rise) / (_THRESHOLD / max(1, extent - 1)))
        to = step + int(np.sign(rise)) * min(steps, max(1, extent // 4))
        found.append(min(extent - 1, max(0, to)))
    return tuple(found)


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    return math.dist(one, other)


def search_mcuformer(tools: Tools) -> list[Trial]:
    """Return the trials of the network's search in the space that evolved."""
    outer, steps = evolve(tools)
    return find_network(tools, outer, steps)


def evolve(tools: Tools) -> tuple[Config, int]:
    """Return the supernet's values chosen most often, of these the best, and its steps so far."""
    effort, rng = tools.setting.effort, tools.rng(_SPACE)
    axes = tools.space.outer
    extents = [len(values) for values in axes.values.values()]
    candidates = max(1, effort.supernets // 2)
    rounds = max(1, effort.supernets // candidates)
    places = [place_of(axes, tools.drawn_outer(rng)) for _ in range(candidates)]
    trainings: dict[tuple[int, ...], int] = {}
    points: list[Point] = []
    for _ in range(rounds):
        following = []
        for place in places:
            trainings[place] = trainings.get(place, 0) + 1
            steps = trainings[place] * effort.supernet_steps
            outer = at(axes, place)
            point = Point(place, trainings[place], _score(tools, outer, steps, rng))
            points.append(point)
            following.append(moved(place, slopes(points, point), extents))
        places = following
    chosen = max(points, key=lambda p: (trainings[p.place], p.score))
    return at(axes, chosen.place), trainings[chosen.place] * effort.supernet_steps


def at(axes: Choices, place: Sequence[int]) -> Mapping[str, Value]:
    """Return the values at a place."""
    return {
        name: values[step] for (name, values), step in zip(axes.values.items(), place, strict=True)
    }


def place_of(axes: Choices, outer: Config) -> tuple[int, ...]:
    """Return the place at which values are."""
    return tuple(values.index(outer[name]) for name, values in axes.values.items())


def _score(tools: Tools, outer: Config, steps: int, rng: np.random.Generator) -> float:
    """Return accuracy and weighted share of fitting networks (eq. 2), both of random ones."""
    effort = tools.setting.effort
    drawn = [{**outer, **tools.space.inner.draw(rng)} for _ in range(_RATIO_SAMPLES)]
    fits = [tools.excess(tools.judge.resources(config)) <= 0.0 for config in drawn]
    trials = tools.look("space", drawn[: effort.paths], outer, steps)
    found = [trial.accuracy for trial in trials if trial.accuracy is not None]
    return (float(np.mean(found)) if found else 0.0) + _ETA * float(np.mean(fits))


def find_network(tools: Tools, outer: Config, steps: int) -> list[Trial]:
    """Return the trials of evolution under the limits, in one supernet."""
    return evolved_paths(tools, "network", Evolution(chance=0.4), outer, steps, tools.rng(_NETWORK))
