"""The bit length and the integer inverse square root against Python's own integers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tinyrig.suite.reference.bits import bit_length, inverse_sqrt


def test_bit_length_at_every_power_of_two() -> None:
    values = [2**bits + offset for bits in range(2, 62) for offset in (-1, 0, 1)]
    values += [1, 2, 2**62 - 1]
    lengths = bit_length(torch.tensor(values)).tolist()
    assert lengths == [value.bit_length() for value in values]


def newton(value: int) -> tuple[int, int]:
    """docs/arithmetic.md's iteration in Python's unbounded integers."""
    zeros = (64 - value.bit_length()) & ~1
    v = ((value << zeros) & (2**64 - 1)) >> 32
    r = 2300000000 - ((v >> 2) + (v >> 4))
    for _ in range(3):
        assert 0 < r < 2**32
        u = (((r * r) >> 32) * v) >> 32
        assert u < 3 * 2**28
        r = (r * (3 * 2**28 - u)) >> 29
    return r, 55 - zeros // 2


def test_inverse_sqrt_follows_the_iteration_and_converges() -> None:
    rng = np.random.default_rng(7)
    values = [1, 2, 3, 4, 5, 2**61, 2**62 - 1]
    values += [2**bits + offset for bits in range(3, 62) for offset in (-1, 1)]
    values += [int(2.0**power) for power in rng.uniform(0.0, 61.9, 3000)]
    roots, shifts = inverse_sqrt(torch.tensor(values))
    got = list(zip(roots.tolist(), shifts.tolist(), strict=True))
    assert got == [newton(value) for value in values]
    for value, (root, shift) in zip(values, got, strict=True):
        assert 24 <= shift <= 54
        assert 2**30 - 2**9 < root < 2**31
        assert root * 2.0**-shift == pytest.approx(2.0**7 / math.sqrt(value), rel=2.0**-21)
