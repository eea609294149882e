"""Attention that reads rows of queries and keys in whole words, of bytes that fill none."""

from __future__ import annotations

import ctypes

import pytest
from kernel_cases import sized_case
from kernel_runs import check, planned

from tinyrig.generator.planning.kernels import all_kernels

_FETCHED = next(k for k in all_kernels() if k.name == "tr_attention_s8_fetched__xpulp")
_ACCEPTED = 6


@pytest.mark.parametrize("columns", [5, 6, 7])
def test_rows_that_end_within_a_word(library: ctypes.CDLL, columns: int) -> None:
    found = (sized_case("attention_s8", (1, 1, 9, 12, columns, 8), seed) for seed in range(400))
    accepted = [case for case in found if _FETCHED.accepts(planned(case))][:_ACCEPTED]
    assert len(accepted) == _ACCEPTED
    for case in accepted:
        check(library, _FETCHED, case)
