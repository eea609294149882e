"""A share of what was counted, and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z = 1.959963984540054
"""Standard deviations that hold 95 % of a normal distribution."""


@dataclass(frozen=True)
class Share:
    """`right` of `count` answers."""

    right: int
    count: int

    @property
    def value(self) -> float:
        """The share itself."""
        return self.right / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of 95 %: what the share of all such inputs may be."""
        n, p = self.count, self.value
        middle = p + _Z * _Z / (2 * n)
        half = _Z * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
        scale = 1 + _Z * _Z / n
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
