"""One row by bytes: sums up to the limit that 256 times as much of them has."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_builds import board_of
from kernel_cases import sized_case
from kernel_runs import execute, expect, planned
from kernel_targets import Targets

from tinyrig.generator.planning.byte_row import BYTE_ROW
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case

_KERNELS = [kernel for kernel in all_kernels() if kernel.pack == BYTE_ROW]
_COLUMNS = 504
_MOST = 2**23 - 1 - 128 * 128 * _COLUMNS
"""What a start value may be beside as many weights of -128."""


def _case(seed: int, start: int) -> Case:
    """Values and weights at the ends of their range, four columns."""
    rng = np.random.default_rng(seed)
    case = sized_case("linear_s8", (1, _COLUMNS, 4), seed)
    signs = rng.choice([-1, 1], _COLUMNS)
    values = np.where(signs < 0, -128, 127).astype(np.int8)
    weight = np.tile(values, (4, 1))
    weight[1] = -1 - weight[1]
    weight[2] = rng.choice(np.array([-128, 127], np.int8), _COLUMNS)
    weight[3] = -128
    row = np.resize(values, case.values[0].shape)
    begin = np.array([start, -start, 0, start], np.int32)
    return replace(case, params={**case.params, "weight": weight, "start": begin}, values=(row,))


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 999), start=st.integers(-_MOST, _MOST))
@example(seed=0, start=_MOST)
@example(seed=0, start=-_MOST)
def test_sums_up_to_their_limit(
    library: ctypes.CDLL, targets: Targets, kernel: Kernel, seed: int, start: int
) -> None:
    case = _case(seed, start)
    if not kernel.accepts(planned(case)):
        return
    assert kernel.holds(planned(case))
    expected = expect(case)
    np.testing.assert_array_equal(execute(library, kernel, case), expected)
    target = targets.of(board_of(kernel), "zig")
    np.testing.assert_array_equal(target.execute(kernel, case), expected)
