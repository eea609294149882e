"""Kernels compiled for Cortex-M give the bytes that docs/arithmetic.md asks for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from kernel_cases import cases
from kernel_runs import expect, planned
from kernel_target import Target

from generator.planning.kernels import Kernel, all_kernels

_KERNELS = [kernel for kernel in all_kernels() if kernel.isa != "xpulp"]


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_kernel_on_the_core(target: Target, kernel: Kernel, data: st.DataObject) -> None:
    case = data.draw(cases(kernel.op))
    assume(kernel.accepts(planned(case)))
    np.testing.assert_array_equal(target.execute(kernel, case), expect(case))
