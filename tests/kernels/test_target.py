"""Kernels compiled for Cortex-M give the bytes that docs/arithmetic.md asks for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from kernel_cases import cases, sized_case
from kernel_runs import expect, planned
from kernel_target import Target, build

from generator.planning.kernels import Kernel, all_kernels


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    folder: Path = tmp_path_factory.mktemp("target")
    return Target(build(folder))


_KERNELS = [kernel for kernel in all_kernels() if kernel.isa != "xpulp"]
_SHAPES = [
    ("linear_s8", (5, 32, 8)),
    ("linear_s8", (2, 41, 7)),
    ("linear_s8_s32", (5, 32, 8)),
    ("linear_s8_s32", (2, 41, 7)),
    ("matmul_s8", (1, 1, 7, 33, 9)),
    ("matmul_s8", (1, 2, 4, 5, 8)),
    ("attention_s8", (1, 2, 5, 5, 32, 32)),
    ("attention_s8", (1, 1, 4, 8, 9, 4)),
    ("attention_s8", (1, 1, 6, 66, 2, 2)),
    ("attention_s8", (1, 1, 2, 1, 2, 2)),
]
"""Sizes that take ways of their own through a kernel."""


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_kernel_on_the_core(target: Target, kernel: Kernel, data: st.DataObject) -> None:
    case = data.draw(cases(kernel.op))
    assume(kernel.accepts(planned(case)))
    np.testing.assert_array_equal(target.execute(kernel, case), expect(case))


@pytest.mark.parametrize(("op", "shape"), _SHAPES)
def test_ways_of_their_own_on_the_core(target: Target, op: str, shape: tuple[int, ...]) -> None:
    variants = [kernel for kernel in _KERNELS if kernel.op == op and kernel.isa != "ref"]
    accepted = 0
    for seed in range(24):
        case = sized_case(op, shape, seed)
        expected = expect(case)
        for kernel in variants:
            if kernel.accepts(planned(case)):
                accepted += 1
                np.testing.assert_array_equal(target.execute(kernel, case), expected)
    assert accepted >= 16
