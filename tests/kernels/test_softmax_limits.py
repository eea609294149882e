"""Softmax and attention at the edges of what their kernels treat in one way."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from kernel_cases import SIZES, sized_case
from kernel_runs import execute, expect, planned

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.cases_products import rounded

SEEDS = st.integers(0, 2**32 - 1)
SOFTMAX = [k for k in all_kernels() if k.op == "softmax_s8"]
ATTENTION = [k for k in all_kernels() if k.op == "attention_s8"]
_SIZES = [(1, 2, 5, 5, 32, 32), (1, 1, 4, 8, 9, 4), (1, 1, 6, 66, 2, 2), (1, 2, 4, 21, 12, 7)]


def one_large(case: Case, seed: int) -> Case:
    """The softmax case with rows of one maximum far above the rest: a probability near 1."""
    rng = np.random.default_rng(seed)
    values = np.full_like(case.values[0], -128)
    values[rng.integers(0, values.size, values.size // 4 + 1)] = 127
    return replace(case, values=(values,))


@pytest.mark.parametrize("kernel", SOFTMAX, ids=lambda kernel: kernel.name)
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, length=st.integers(1, 40))
@example(seed=1, length=4)
@example(seed=2, length=9)
@example(seed=3, length=16)
def test_every_shift_around_the_largest_that_folds(
    library: ctypes.CDLL, kernel: Kernel, seed: int, length: int
) -> None:
    """A row that is its maximum alone has the shift exponent - clz(exp[0]) - 1."""
    case = one_large(sized_case("softmax_s8", (2, 3, length), seed), seed)
    assume(kernel.accepts(planned(case)))
    zeros = 32 - int(case.params["exp"][0]).bit_length()
    for shift in (21, 22, 23, 24, 25):
        for mantissa in (2**30, 2**31 - 1):
            scale = {"mantissa": mantissa, "exponent": shift + zeros + 1}
            params = {**case.params, "fine": None, "scale": scale, "zero_point": -128}
            at = replace(case, params=params)
            np.testing.assert_array_equal(execute(library, kernel, at), expect(at))


@pytest.mark.parametrize("zero_point", [-128, -127, 0, 127])
@pytest.mark.parametrize("shift", [1, 7, 8, 9, 14, 22, 23])
@pytest.mark.parametrize("kernel", SOFTMAX, ids=lambda kernel: kernel.name)
def test_small_shifts_and_every_zero_point(
    library: ctypes.CDLL, kernel: Kernel, shift: int, zero_point: int
) -> None:
    """Probabilities of small shifts have more than 16 bits before they saturate."""
    for seed, length in enumerate((1, 8, 9, 16, 23, 33)):
        case = one_large(sized_case("softmax_s8", (2, 3, length), seed), seed)
        if not kernel.accepts(planned(case)):
            continue
        zeros = 32 - int(case.params["exp"][0]).bit_length()
        scale = {"mantissa": 2**31 - 1, "exponent": shift + zeros + 1}
        params = {**case.params, "fine": None, "scale": scale, "zero_point": zero_point}
        at = replace(case, params=params)
        np.testing.assert_array_equal(execute(library, kernel, at), expect(at))


def rounded_by(case: Case, zero_point: int, shift: int, seed: int) -> Case:
    """The attention case with probabilities whose largest row has the shift given."""
    rng = np.random.default_rng(seed)
    weighs = rounded(rng, 0.05, case.params["t"])
    fine = weighs["rounding"]["fine"]
    least = int(weighs["exp"][0] if fine is None else fine[0])
    exponent = shift + 1 + 32 - least.bit_length()
    mantissa = int(rng.choice([2**30, 2**31 - 1, rng.integers(2**30, 2**31)]))
    weighs["rounding"]["most"] = 127 - zero_point
    weighs["value"] = {"mantissa": mantissa, "exponent": exponent}
    return replace(case, params={**case.params, **weighs})


@pytest.mark.parametrize("kernel", ATTENTION, ids=lambda kernel: kernel.name)
@settings(max_examples=12, deadline=None)
@given(
    seed=SEEDS,
    zero_point=st.sampled_from([-128, -127, 0, 126]),
    shift=st.integers(8, 24),
    alike=st.booleans(),
)
@example(seed=0, zero_point=-128, shift=13, alike=True)
@example(seed=1, zero_point=-128, shift=22, alike=True)
@example(seed=2, zero_point=-128, shift=23, alike=True)
@example(seed=3, zero_point=126, shift=24, alike=False)
@example(seed=4, zero_point=-127, shift=8, alike=False)
def test_rounded_rows_equal_the_arithmetic(
    library: ctypes.CDLL, kernel: Kernel, seed: int, zero_point: int, shift: int, alike: bool
) -> None:
    """Shifts around the largest that folds; keys that are all alike make the flattest rows."""
    for sizes in (*_SIZES, *SIZES.get(kernel.name, ())):
        case = rounded_by(sized_case("attention_s8", sizes, seed), zero_point, shift, seed)
        if alike:
            keys = np.full_like(case.values[1], 3)
            case = replace(case, values=(case.values[0], keys, case.values[2]))
        if kernel.accepts(planned(case)):
            cores = 4 if kernel.isa == "xpulp" else 1
            np.testing.assert_array_equal(execute(library, kernel, case, cores), expect(case))
