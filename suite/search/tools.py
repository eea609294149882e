"""What the algorithms of a search share: trials by stage, supernets, one journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from tinyrig.suite.search.budget import SUPERNETS, TRIALS, Budget
from tinyrig.suite.search.journal import Journal, Trial
from tinyrig.suite.search.judge import Judge, Resources
from tinyrig.suite.search.setting import Setting
from tinyrig.suite.search.space import Config, Space, Value
from tinyrig.suite.search.supernet import Lesson, Supernet
from tinyrig.suite.search.workers import Workers

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
        workers: Workers | None = None,
    ) -> None:
        """Measure candidates on workers, where there are any, and here otherwise."""
        self._workers = workers
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

    def turns(self, count: int, alike: Callable[[int], int]) -> Iterator[range]:
        """Yield the numbers of trials to look at together, until there are `count` of them or it
        is late and one of them fits.

        `alike` says how many from a number on do not wait for one another's answers; as many are
        looked at together as there are workers.
        """
        number, most = 0, self._workers.count if self._workers else 1
        while number < count:
            late = self.budget.late(TRIALS) and best(self.journal.trials)
            if late and not self.journal.next_is_known:
                return
            turn = range(number, number + min(most, count - number, max(1, alike(number))))
            yield turn
            number = turn.stop

    def excess(self, resources: Resources) -> float:
        """Return how far a candidate is over its worst limit."""
        return resources.excess(self.judge.limits, paper=self.setting.paper_memory)

    def look(
        self, stage: str, configs: Sequence[Config], outer: Config, steps: int, tuned: int = 0
    ) -> list[Trial]:
        """Return the trials of candidates: by inherited weights, tuned for some steps or none.

        One that is over a limit is judged and not measured.
        """
        kept = len(self.journal.kept) - len(self.journal.trials)
        fit = (c for c in configs[max(0, kept) :] if self.excess(self.judge.resources(c)) <= 0.0)
        answers = self._measured(list(fit), outer, steps, tuned)
        return [self._trial(stage, config, partial(next, answers)) for config in configs]

    def _measured(
        self, configs: Sequence[Config], outer: Config, steps: int, tuned: int
    ) -> Iterator[float]:
        if not configs:
            return
        supernet = self.supernet(outer, steps)
        if self._workers is None:
            yield from (supernet.measured(config, tuned) for config in configs)
        else:
            yield from self._workers.accuracies(outer, supernet.state(), configs, tuned)

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
