"""Random cases of every operator: shapes, scales, attributes and types drawn from a seed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import elementwise_cases
import layout_cases
import linear_cases
import numpy as np
import row_cases
from qdq_models import Case

_FAMILIES = (
    linear_cases.FAMILIES | elementwise_cases.FAMILIES | row_cases.FAMILIES | layout_cases.FAMILIES
)


def operators() -> tuple[str, ...]:
    """Return the names `cases` knows."""
    return tuple(_FAMILIES)


def cases(operator: str, count: int) -> Iterator[Case]:
    """Yield `count` random cases of an operator, the same on every machine."""
    for seed in range(count):
        yield _FAMILIES[operator](np.random.default_rng((zlib.crc32(operator.encode()), seed)))
