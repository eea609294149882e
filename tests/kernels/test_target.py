"""Kernels compiled for a core, by either toolchain, give the bytes of docs/arithmetic.md."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_builds import BUILDS, kernels_of
from kernel_cases import calls
from kernel_runs import expect
from kernel_targets import Targets

from tinyrig.generator.planning.kernels import Kernel

_CALLS = [
    pytest.param(board, toolchain, kernel, id=f"{board}-{toolchain}-{kernel.name}")
    for board, toolchain in BUILDS
    for kernel in kernels_of(board)
]


@pytest.mark.parametrize(("board", "toolchain", "kernel"), _CALLS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(data=st.data())
def test_kernel_on_the_core(
    targets: Targets, board: str, toolchain: str, kernel: Kernel, data: st.DataObject
) -> None:
    target = targets.of(board, toolchain)
    case = data.draw(calls(kernel))
    cores = data.draw(st.sampled_from([1, 2, 4, 8])) if kernel.isa == "xpulp" else 1
    np.testing.assert_array_equal(target.execute(kernel, case, cores), expect(case))
