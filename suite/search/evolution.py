"""Evolution over choices, as both papers have it: parents, children of two, changed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinyrig.suite.search.journal import Trial
from tinyrig.suite.search.space import Choices, Config, Value
from tinyrig.suite.search.tools import Tools


@dataclass(frozen=True)
class Evolution:
    """AutoFormer's sizes: of a population, its parents, and each choice's chance to change."""

    population: int = 50
    parents: int = 10
    chance: float = 0.2

    def scaled(self, trials: int) -> Evolution:
        """Return the sizes for so few trials that the paper's would be drawn in one generation."""
        population = min(self.population, max(4, trials // 3))
        return Evolution(population, min(self.parents, max(2, population // 3)), self.chance)

    def next(
        self,
        choices: Choices,
        scored: Sequence[tuple[float, Config]],
        drawn: int,
        rng: np.random.Generator,
    ) -> dict[str, Value]:
        """Return the candidate after `drawn` others, of which some have a score, the best largest.

        The first population is drawn; then children of two parents and changed parents, in turn.
        """
        if drawn < self.population or not scored:
            return choices.draw(rng)
        best = [config for _, config in sorted(scored, key=lambda one: -one[0])[: self.parents]]
        first = best[rng.integers(len(best))]
        if drawn % 2:
            return self.changed(choices, first, rng)
        second = best[rng.integers(len(best))]
        return {name: (first, second)[rng.integers(2)][name] for name in choices.values}

    def changed(
        self, choices: Choices, config: Config, rng: np.random.Generator
    ) -> dict[str, Value]:
        """Return a candidate in which choices were drawn anew, one at least."""
        names = list(choices.values)
        chosen = {name for name in names if rng.random() < self.chance}
        chosen.add(names[rng.integers(len(names))])
        return {
            name: values[rng.integers(len(values))] if name in chosen else config[name]
            for name, values in choices.values.items()
        }


def evolved_paths(
    tools: Tools,
    stage: str,
    evolution: Evolution,
    outer: Config,
    steps: int,
    rng: np.random.Generator,
) -> list[Trial]:
    """Return the trials of evolution over the paths of one supernet, trained for so many steps."""
    effort = tools.setting.effort
    evolution = evolution.scaled(effort.trials)
    scored: list[tuple[float, Config]] = []
    trials: list[Trial] = []
    # Only those of the first population are drawn without looking at the others.
    for turn in tools.turns(effort.trials, lambda number: evolution.population - number):
        inner = [evolution.next(tools.space.inner, scored, drawn, rng) for drawn in turn]
        configs = [{**outer, **one} for one in inner]
        looked = tools.look(stage, configs, outer, steps, effort.path_steps)
        scored += [
            (trial.accuracy, one)
            for trial, one in zip(looked, inner, strict=True)
            if trial.accuracy is not None
        ]
        trials += looked
    return trials
