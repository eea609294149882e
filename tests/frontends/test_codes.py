"""Codes as the real values they stand for."""

from __future__ import annotations

import warnings

import numpy as np

from tinyrig.generator.frontends.source import Codes


def _codes(values: list[int], scale: float) -> Codes:
    scales, zeros = np.array([scale]), np.zeros(1, np.int64)
    return Codes(np.array(values, np.int64), scales, zeros, bits=8)


def test_codes_are_real_values_in_single_precision() -> None:
    assert _codes([127, -127], 2 / 127).real().tolist() == [2.0, -2.0]


def test_a_scale_that_leaves_single_precision_says_nothing() -> None:
    """What a file says is refused in a paragraph; NumPy's warning would stand before it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _codes([3, -3, 0], 3e38).real().tolist() == [np.inf, -np.inf, 0.0]
