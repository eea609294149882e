"""Comparisons of answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tinyrig.suite.reference.compare import argmax_agreement, first_mismatch, sqnr_db


def test_first_mismatch_names_the_first_in_row_major_order() -> None:
    expected = np.arange(24, dtype=np.int8).reshape(2, 3, 4)
    got = expected.copy()
    assert first_mismatch(expected, got) is None
    got[1, 2, 3] = -1
    got[1, 0, 2] = -2
    found = first_mismatch(expected, got)
    assert found is not None
    assert (found.index, found.flat_index) == ((1, 0, 2), 14)
    assert (found.expected, found.got, found.count) == (14, -2, 2)


def test_sqnr_of_known_noise() -> None:
    reference = np.ones(1000)
    assert sqnr_db(reference, reference + 0.1) == pytest.approx(20.0)
    assert sqnr_db(reference, np.zeros(1000)) == pytest.approx(0.0)
    assert sqnr_db(reference, reference) == math.inf
    assert sqnr_db(np.zeros(3), np.ones(3)) == -math.inf


def test_argmax_agreement_counts_rows() -> None:
    reference = np.array([[1.0, 2.0], [3.0, 0.0], [0.0, 1.0]])
    got = np.array([[0.0, 9.0], [0.0, 1.0], [2.0, 3.0]])
    agreement = argmax_agreement(reference, got)
    assert (agreement.samples, agreement.agreeing) == (3, 2)
    assert agreement.fraction == pytest.approx(2 / 3)
    assert argmax_agreement(reference[0], got[0]).fraction == 1.0


@pytest.mark.parametrize("compare", [first_mismatch, sqnr_db, argmax_agreement])
def test_shapes_must_agree(compare: object) -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        compare(np.zeros((2, 3), np.int8), np.zeros((3, 2), np.int8))  # type: ignore[operator]
