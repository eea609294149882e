"""Sums of as many cells as the 16 bits of the optimised kernels have room for."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from kernel_cases import sized_case
from kernel_runs import execute, expect, planned

from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case


def extreme(case: Case, code: int) -> Case:
    """The case with nothing but `code`, as far from the zero point as it can be."""
    zero = {"x_zero_point": -1 - code} if "x_zero_point" in case.params else {}
    values = tuple(np.full_like(x, code) for x in case.values)
    return replace(case, params={**case.params, **zero}, values=values)


@pytest.mark.parametrize("code", [-128, 127])
@pytest.mark.parametrize(
    ("op", "name", "sizes"),
    [
        ("avgpool2d_s8", "tr_avgpool2d_s8__m4", (9, 8, 16, 8, 16, 1)),
        ("avgpool2d_s8", "tr_avgpool2d_s8__m4", (8, 1, 128, 1, 130, 1)),
        ("avgpool2d_s8", "tr_avgpool2d_s8__m7", (9, 8, 16, 8, 16, 1)),
        ("mean_s8", "tr_mean_s8__m4", (1, 1, 9, 1, 1, 256)),
        ("mean_s8", "tr_mean_s8__m4", (1, 1, 12, 1, 1, 257)),
        ("mean_s8", "tr_mean_s8_rows__m4", (1, 1, 3, 1, 1, 519)),
    ],
)
def test_the_largest_sums_fit(
    library: ctypes.CDLL, op: str, name: str, sizes: tuple[int, ...], code: int
) -> None:
    (kernel,) = (kernel for kernel in all_kernels() if kernel.name == name)
    accepted = 0
    for seed in range(20):
        case = extreme(sized_case(op, sizes, seed), code)
        if kernel.accepts(planned(case)):
            accepted += 1
            np.testing.assert_array_equal(execute(library, kernel, case), expect(case))
    assert accepted >= 3
