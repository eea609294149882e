"""What the algorithms of a search share: trials by stage, supernets, one journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from tinyrig.suite.search.budget import SUPERNETS, TRIALS, Budget
from tinyrig.suite.search.journal import Journal, Trial
from tinyrig.suite.search.judge import Judge, Resources
from tinyrig.suite.search.setting import Setting
from tinyrig.suite.search.space import Config, Space, Value
from tinyrig.suite.search.supernet import Lesson, Supernet

Progress = Callable[[str], None]
_MOST_DRAWN, _PATHS = 20, 6


class Tools:
    """Gives an algorithm trials; whatever a resumed search knows already is not done again."""

    def __init__(
        self,
        space: Space,
        judge: Judge,
        journal: Journal,
        lesson: Lesson,
        setting: Setting,
        budget: Budget,
        progress: Progress,
    ) -> None:
        self.space, self.judge, self.journal, self.setting = space, judge, journal, setting
        self.lesson, self.budget, self.progress = lesson, budget, progress
        self._supernets: dict[str, Supernet] = {}
        self._trained: set[tuple[str, int]] = set()

    def rng(self, what: int) -> np.random.Generator:
        """Return the draws of a part of the algorithm."""
        return np.random.default_rng((self.setting.seed, what))

    def drawn_outer(self, rng: np.random.Generator) -> dict[str, Value]:
        """Return a supernet's values, drawn until one of a few paths keeps the limits.

        The last ones drawn, where none of many does.
        """
        for _ in range(_MOST_DRAWN):
            outer = self.space.outer.draw(rng)
            paths = ({**outer, **self.space.inner.draw(rng)} for _ in range(_PATHS))
            if any(self.excess(self.judge.resources(path)) <= 0.0 for path in paths):
                break
        return outer

    def supernet(self, outer: Config, steps: int) -> Supernet:
        """Return a supernet trained for so many steps in all."""
        key = repr(sorted(outer.items()))
        if key not in self._supernets:
            self._supernets[key] = Supernet(self.space, outer, self.lesson)
        self._trained.add((key, steps))
        share = SUPERNETS * len(self._trained) / self.setting.trainings
        self._supernets[key].train(steps, self.progress, partial(self.budget.late, share))
        return self._supernets[key]

    def turns(self, count: int) -> Iterator[int]:
        """Count trials, until there are so many or it is late and one of them fits."""
        for number in range(count):
            late = self.budget.late(TRIALS) and best(self.journal.trials)
            if late and not self.journal.next_is_known:
                return
            yield number

    def excess(self, resources: Resources) -> float:
        """Return how far a candidate is over its worst limit."""
        return resources.excess(self.judge.limits, paper=self.setting.paper_memory)

    def look(self, stage: str, config: Config, outer: Config, steps: int, tuned: int = 0) -> Trial:
        """Return the trial of a candidate: by inherited weights, tuned for some steps or none.

        One that is over a limit is judged and not measured.
        """

        def accuracy() -> float:
            supernet = self.supernet(outer, steps)
            path = supernet.tuned(config, tuned) if tuned else supernet.path(config)
            return supernet.accuracy(path)

        return self._trial(stage, config, accuracy)

    def judged(self, stage: str, config: Config) -> Trial:
        """Return the trial of a candidate of which only the resources are asked."""
        return self._trial(stage, config, None)

    def _trial(self, stage: str, config: Config, accuracy: Callable[[], float] | None) -> Trial:
        made = self.journal.trial(
            stage, config, lambda: self.judge.resources(config), self.excess, accuracy
        )
        told = "over its limits" if not made.fits else f"{made.accuracy or 0.0:.1%}"
        self.progress(f"trial {made.number}, {stage}: {told}")
        return made


def best(trials: list[Trial]) -> list[Trial]:
    """Return the measured trials that fit, the most accurate first, the earlier of equal ones."""
    measured = [trial for trial in trials if trial.fits and trial.accuracy is not None]
    return sorted(measured, key=lambda trial: (-(trial.accuracy or 0.0), trial.number))
