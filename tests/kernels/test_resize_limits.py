"""Resized images of the extreme codes alone, whose weighted sums reach furthest."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from kernel_cases import BUILDERS
from kernel_runs import execute, expect, planned

from tinyrig.generator.planning.kernels import Kernel, all_kernels

KERNELS = [one for one in all_kernels() if one.op == "resize_s8"]


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
