"""Inputs that are streamed: readers alone take from them, and no byte twice."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.step import Read, Step
from tinyrig.generator.planning.view import View


@dataclass(eq=False)
class Sources:
    """What was taken of each streamed input so far."""

    plan: Plan
    _taken: dict[str, NDArray[np.bool_]] = field(init=False)

    def __post_init__(self) -> None:
        storages = self.plan.schedule.storages
        self._taken = {name: np.zeros(s.size, bool) for name, s in storages.items() if s.streamed}

    def fault(self, step: Step, view: View, at: int) -> str | None:
        """Return what is wrong with a step that reads a storage from its byte `at` on, or None."""
        taken = self._taken.get(view.storage)
        if isinstance(step, Read) != (taken is not None):
            return f"reads {view.storage!r} without a reader, or by one what lies in memory"
        if taken is None:
            return None
        part = slice(at, at + view.size)
        if taken[part].any():
            return f"asks for the bytes [{at}, {at + view.size}) of {view.storage!r} again"
        taken[part] = True
        return None
