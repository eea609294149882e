"""Portable kernels against docs/arithmetic.md, and every variant against its portable kernel."""

from __future__ import annotations

import ctypes
import os

import kernel_oracle
import numpy as np
import pytest
from heavy import NIGHT
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from kernel_cases import BUILDERS, SIZES, cases
from kernel_library import ROOT, SANITIZED, call
from kernel_runs import execute, expect, planned

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.arguments import held

PORTABLE = {k.op: k for k in all_kernels() if (k.isa, k.pack) == ("ref", "rows")}
VARIANTS = [kernel for kernel in all_kernels() if kernel not in PORTABLE.values()]
_SETTINGS = settings(
    max_examples=100 if NIGHT else 12 if SANITIZED in os.environ else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def test_every_source_is_registered_and_every_operator_has_a_builder() -> None:
    sources = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("src/*/*.c")}
    assert sources == {kernel.source for kernel in all_kernels()}
    assert set(PORTABLE) == set(BUILDERS)


@pytest.mark.parametrize("op", sorted(PORTABLE))
@_SETTINGS
@given(data=st.data())
def test_portable_kernel_follows_the_arithmetic(
    library: ctypes.CDLL, op: str, data: st.DataObject
) -> None:
    case = data.draw(cases(op))
    assert PORTABLE[op].accepts(planned(case))
    assert PORTABLE[op].cost_of(planned(case)) > 0
    np.testing.assert_array_equal(execute(library, PORTABLE[op], case), expect(case))


@pytest.mark.parametrize("kernel", VARIANTS, ids=lambda kernel: kernel.name)
@_SETTINGS
@given(data=st.data())
def test_variant_equals_the_portable_kernel(
    library: ctypes.CDLL, kernel: Kernel, data: st.DataObject
) -> None:
    case = held(kernel, data.draw(cases(kernel.op, SIZES.get(kernel.name, ()))))
    assume(kernel.accepts(planned(case)) and kernel.holds(planned(case)))
    assert kernel.cost_of(planned(case)) > 0
    cores = data.draw(st.sampled_from([1, 2, 4, 8])) if kernel.isa == "xpulp" else 1
    expected = execute(library, PORTABLE[kernel.op], case)
    np.testing.assert_array_equal(execute(library, kernel, case, cores), expected)


@_SETTINGS
@given(data=st.data())
def test_sums_can_become_outputs_in_place(library: ctypes.CDLL, data: st.DataObject) -> None:
    case = data.draw(cases("requant_s32_s8"))
    p = {**case.params, "acc_row": case.params["n"], "y_row": case.params["n"], "y_col": 1}
    sums = case.values[0][case.inputs[0].positions].copy()
    expected = kernel_oracle.requant_s32(p, sums.astype(np.int64)).ravel()
    for kernel in all_kernels():
        if kernel.op == case.op:
            memory = sums.copy()
            call(library, kernel.name, case.op, p, [memory.ctypes.data, memory.ctypes.data, 0])
            np.testing.assert_array_equal(memory.view(np.int8).ravel()[: sums.size], expected)
