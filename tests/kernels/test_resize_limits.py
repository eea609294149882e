"""Resized images of the extreme codes alone, whose sums reach furthest, and of few channels."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from kernel_cases import BUILDERS, sized_case
from kernel_runs import execute, expect, planned

from tinyrig.generator.planning.kernels import Kernel, all_kernels

KERNELS = [one for one in all_kernels() if one.op == "resize_s8"]
FOUR_AT_A_TIME = [one for one in KERNELS if one.name == "tr_resize_s8__m4"]


@pytest.mark.parametrize("code", [-128, 127])
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda one: one.name)
def test_sums_of_extreme_codes_are_exact(library: ctypes.CDLL, kernel: Kernel, code: int) -> None:
    accepted = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        case = BUILDERS["resize_s8"](lambda lo, hi, rng=rng: int(rng.integers(lo, hi + 1)), rng)
        case = replace(case, values=tuple(np.full_like(x, code) for x in case.values))
        if kernel.accepts(planned(case)):
            accepted += 1
            np.testing.assert_array_equal(execute(library, kernel, case), expect(case))
        if accepted == 12:
            return
    pytest.fail("too few calls that the kernel takes")


@pytest.mark.parametrize("kernel", FOUR_AT_A_TIME, ids=lambda one: one.name)
def test_neighbouring_channels_of_every_number(library: ctypes.CDLL, kernel: Kernel) -> None:
    """Four at a time and what is left, by two taps along an axis and by others."""
    taps: set[int] = set()
    taken = 0
    for channels, seed in product((4, 5, 7, 8, 11), range(80)):
        case = sized_case("resize_s8", (4, 1 + seed % 2, channels, 4, 5), seed)
        if case.params["x_stride"][1] != 1 or not kernel.accepts(planned(case)):
            continue
        taken += 1
        taps |= {case.params["taps_h"], case.params["taps_w"]}
        np.testing.assert_array_equal(execute(library, kernel, case), expect(case))
    assert taken >= 10
    assert {1, 2} <= taps
