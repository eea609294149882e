"""What a search is asked for, and how much it may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Algorithm = Literal["paper", "nsga2", "random"]


@dataclass(frozen=True)
class Effort:
    """How much each part does: counts of trials, and steps of training.

    `supernets` are trained for `supernet_steps` each and judged by `paths` candidates; of the
    best, `trials` candidates are looked at, each tuned for `path_steps`. The chosen one is trained
    for `final_steps`.
    """

    supernets: int = 3
    supernet_steps: int = 150
    paths: int = 4
    trials: int = 24
    path_steps: int = 0
    final_steps: int = 400

    def within(self, seconds: float, step_seconds: float) -> Effort:
        """Return the effort that fills a time, if a step takes so long.

        Three parts of ten go to supernets, two to paths, four to the last training, and one is
        left for the rest.
        """
        steps = seconds / step_seconds
        return replace(
            self,
            supernet_steps=max(10, int(0.3 * steps / self.supernets)),
            path_steps=int(0.2 * steps / self.trials),
            final_steps=max(20, int(0.4 * steps)),
        )


@dataclass(frozen=True)
class Setting:
    """A search's algorithm, seed and effort, and whether RAM is by MCUFormer's rule."""

    algorithm: Algorithm
    seed: int
    effort: Effort
    paper_memory: bool = False

    @property
    def trainings(self) -> int:
        """How many trainings of supernets there are."""
        return self.effort.supernets if self.algorithm == "paper" else 1
