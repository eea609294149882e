"""Comparisons of answers: bytes with bytes, and real values with real values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Mismatch:
    """The first element, in row-major order, at which two int8 tensors differ.

    `count` elements differ in all; `index` is the element's multi-dimensional position.
    """

    index: tuple[int, ...]
    flat_index: int
    expected: int
    got: int
    count: int


@dataclass(frozen=True)
class ArgmaxAgreement:
    """How many of `samples` answers have their maximum at the same place."""

    samples: int
    agreeing: int

    @property
    def fraction(self) -> float:
        """Share of agreeing samples, 0..1; 1 when there are none."""
        return self.agreeing / self.samples if self.samples else 1.0


def first_mismatch(expected: NDArray[np.int8], got: NDArray[np.int8]) -> Mismatch | None:
    """Return where two tensors first differ, or None; ValueError when the shapes differ."""
    _same_shape(expected, got)
    wrong = np.flatnonzero(expected != got)
    if wrong.size == 0:
        return None
    first = int(wrong[0])
    index = tuple(int(i) for i in np.unravel_index(first, expected.shape))
    return Mismatch(index, first, int(expected.flat[first]), int(got.flat[first]), int(wrong.size))


def sqnr_db(reference: NDArray[Any], got: NDArray[Any]) -> float:
    """Return the signal to noise ratio 10 log10(sum ref^2 / sum (ref - got)^2) in dB.

    Equal tensors give +inf; noise on a signal of zeros gives -inf; ValueError when the shapes
    differ.
    """
    _same_shape(reference, got)
    signal = np.asarray(reference, dtype=np.float64)
    noise = float(np.sum((signal - np.asarray(got, dtype=np.float64)) ** 2))
    power = float(np.sum(signal**2))
    if noise == 0.0:
        return math.inf
    return 10.0 * math.log10(power / noise) if power > 0.0 else -math.inf


def argmax_agreement(reference: NDArray[Any], got: NDArray[Any]) -> ArgmaxAgreement:
    """Compare the places of the maxima over the last axis; every other axis counts samples.

    ValueError when the shapes differ.
    """
    _same_shape(reference, got)
    agree = np.argmax(reference, axis=-1) == np.argmax(got, axis=-1)
    return ArgmaxAgreement(int(np.size(agree)), int(np.count_nonzero(agree)))


def _same_shape(a: NDArray[Any], b: NDArray[Any]) -> None:
    if a.shape != b.shape:
        raise ValueError(f"shapes differ: {a.shape} and {b.shape}")
