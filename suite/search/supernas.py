"""TinyFormer's two searches: of a supernet (Alg. 2), then of a sparse path in it (Alg. 3)."""

from __future__ import annotations

import numpy as np

from tinyrig.suite.search.evolution import Evolution, evolved_paths
from tinyrig.suite.search.journal import Trial
from tinyrig.suite.search.space import Config
from tinyrig.suite.search.tools import Tools

_TESTED = 6
"""Paths that TestSupernet draws; the paper draws 100. Half of them must keep the RAM limit."""

_SUPER, _SPARSE = 2, 3


def search_tinyformer(tools: Tools) -> list[Trial]:
    """Return the trials of both stages."""
    outer = find_supernet(tools)
    return find_path(tools, outer)


def find_supernet(tools: Tools) -> Config:
    """Return the outer values whose sparse paths are most accurate on the mean."""
    effort, rng = tools.setting.effort, tools.rng(_SUPER)
    evolution = Evolution(population=max(2, effort.supernets // 2), parents=1)
    scored: list[tuple[float, Config]] = []
    for drawn in range(effort.supernets):
        outer = evolution.next(tools.space.outer, scored, drawn, rng)
        if _holds(tools, outer, rng):
            drawn_paths = [{**outer, **tools.space.inner.draw(rng)} for _ in range(effort.paths)]
            trials = tools.look("SuperNAS", drawn_paths, outer, effort.supernet_steps)
            found = [trial.accuracy for trial in trials if trial.accuracy is not None]
            scored.append((float(np.mean(found)) if found else 0.0, outer))
    if not scored:
        return tools.space.outer.draw(rng)
    return max(scored, key=lambda one: one[0])[1]


def _holds(tools: Tools, outer: Config, rng: np.random.Generator) -> bool:
    """Whether half of some random paths keep the RAM limit (TestSupernet)."""
    limit = tools.judge.limits.ram or 0
    drawn = [{**outer, **tools.space.inner.draw(rng)} for _ in range(_TESTED)]
    within = sum(tools.judge.resources(config).ram <= limit for config in drawn)
    return 2 * within >= _TESTED


def find_path(tools: Tools, outer: Config) -> list[Trial]:
    """Return the trials of evolution over the paths of one supernet."""
    steps = tools.setting.effort.supernet_steps
    return evolved_paths(tools, "SparseNAS", Evolution(), outer, steps, tools.rng(_SPARSE))
