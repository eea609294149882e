"""The range of a tensor's values that its codes span: all that was seen, or less in finer steps.

The methods differ in what they give away. `minmax` clips nothing; `percentile` clips the outermost
values of each side; `mse` takes the ends with the least mean square error of the values; `entropy`
those whose codes tell most of how the values are distributed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Method = Literal["minmax", "percentile", "entropy", "mse"]
METHODS: tuple[Method, ...] = ("minmax", "percentile", "entropy", "mse")

_BINS = 2048
_CODES = 255
_LEAST = 1e-3
"""What a bin is told to hold whose values were all clipped into it."""
_TAIL = 5e-5
"""The share of values that `percentile` leaves out at each end."""
_SHARES = np.linspace(0.25, 1.0, 46)
"""What is tried of the way from zero to an end."""

_RANGE_BITS = 6

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often a tensor's values fell into equal bins of a range that holds 0."""

    low: float
    high: float
    counts: NDArray[np.int64]

    @staticmethod
    def empty(low: float, high: float) -> Histogram:
        """Return one of a range in which nothing was seen yet."""
        return Histogram(low, high, np.zeros(_BINS, np.int64))

    def seeing(self, values: NDArray[np.float32]) -> Histogram:
        """Return one that saw these values too."""
        if self.low == self.high:
            return self
        found, _ = np.histogram(values, _BINS, (self.low, self.high))
        return Histogram(self.low, self.high, self.counts + found)

    def range_by(self, method: Method) -> tuple[float, float]:
        """Return the range a method takes of the values."""
        seen = self.low < self.high and bool(self.counts.any())
        if method == "minmax" or not seen:
            return self.low, self.high
        if method == "percentile":
            return self._percentile()
        return self._finest() if method == "mse" else self._most_telling()

    def _centres(self) -> Floats:
        width = (self.high - self.low) / _BINS
        return (self.low + (np.arange(_BINS) + 0.5) * width).astype(np.float64)

    def _percentile(self) -> tuple[float, float]:
        share = np.cumsum(self.counts) / self.counts.sum()
        width = (self.high - self.low) / _BINS
        first = int(np.searchsorted(share, _TAIL, side="right"))
        last = int(np.searchsorted(share, 1.0 - _TAIL))
        low = self.low + first * width
        high = self.low + (last + 1) * width
        return min(low, 0.0), max(high, 0.0)

    def _finest(self) -> tuple[float, float]:
        """One end after the other, twice: they meet in the step alone."""
        low, high = self.low, self.high
        for _ in range(2):
            high = min(self.high * _SHARES, key=lambda end: self._error(low, end))
            low = min(self.low * _SHARES, key=lambda end: self._error(end, high))
        return float(low), float(high)

    def _error(self, low: float, high: float) -> float:
        """Return the sum of squares between values and what their codes stand for."""
        step = (high - low) / _CODES
        if step == 0.0:
            return math.inf
        values = self._centres()
        codes = np.rint((np.clip(values, low, high) - low) / step)
        return float(self.counts @ (values - (low + codes * step)) ** 2)

    def _most_telling(self) -> tuple[float, float]:
        share = min(_SHARES, key=self._divergence)
        return self.low * float(share), self.high * float(share)

    def _divergence(self, share: float) -> float:
        """Return by Kullback and Leibler how far what codes tell is from the clipped values."""
        low, high = self.low * share, self.high * share
        values = self._centres()
        inside = np.flatnonzero((values >= low) & (values <= high))
        own = self.counts[inside].astype(np.float64)
        clipped = own.copy()
        clipped[0] += self.counts[: inside[0]].sum()
        clipped[-1] += self.counts[inside[-1] + 1 :].sum()
        held = clipped > 0
        codes = np.rint((values[inside] - low) / ((high - low) / _CODES)).astype(np.int64)
        sums = np.bincount(codes, own, _CODES + 1)
        bins = np.bincount(codes, held, _CODES + 1)
        told = sums[codes[held]] / bins[codes[held]] + _LEAST
        p, q = clipped[held] / clipped.sum(), told / told.sum()
        return float(np.sum(p * np.log(p / q)))


def widened(low: float, high: float) -> tuple[float, float]:
    """Return a range that holds 0 with ends of few significant bits, at most 1.6 % farther out.

    The last bits in which processors' float sums differ do not reach the firmware so.
    """
    largest = max(-low, high)
    if largest == 0.0:
        return 0.0, 1.0
    step = math.ldexp(1.0, math.frexp(largest)[1] - _RANGE_BITS)
    return math.floor(low / step) * step, math.ceil(high / step) * step
