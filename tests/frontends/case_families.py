"""What the random cases are drawn with, and the table the families of cases are kept in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from qdq_models import Case, QdqModel

Family = Callable[[np.random.Generator], Case]


class Families(dict[str, Family]):
    """Case functions by the name of the operator they draw."""

    def add(self, function: Family) -> Family:
        self[function.__name__.strip("_")] = function
        return function


def random_shape(
    rng: np.random.Generator, low: int = 1, high: int = 4, top: int = 9
) -> tuple[int, ...]:
    """Draw `low` to `high` axes of extents below `top`."""
    return tuple(int(n) for n in rng.integers(1, top, rng.integers(low, high + 1)))


def some(rng: np.random.Generator, *choices: Any) -> Any:
    """Draw one of the choices."""
    return choices[int(rng.integers(len(choices)))]


def shuffled(rng: np.random.Generator, *names: str) -> tuple[str, ...]:
    return names if rng.random() < 0.5 else names[::-1]


def maybe(m: QdqModel, value: str, share: float) -> str:
    """Quantize a value in that share of the cases."""
    return m.quantised(value) if m.rng.random() < share else value
