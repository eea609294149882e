"""Softmax and attention at the edges of what their kernels treat in one way."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from kernel_case import Case
from kernel_cases import SIZES, sized_case
from kernel_runs import execute, expect, planned

from tinyrig.generator.graph.exponentials import row_limit
from tinyrig.generator.planning.kernels import Kernel, all_kernels

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


def limited(case: Case, total: int, off: int) -> Case:
    """The attention case whose limit begins `off` above a row's sum."""
    below = total + off
    share = -(-(int(case.params["exp"][0]) * 2**32 - 2**31) // below)
    return replace(case, params={**case.params, "limit": {"share": share, "below": below}})


def sums(case: Case) -> list[int]:
    """The sums of the rows of an attention case whose keys are all alike: t times exp[0]."""
    return [int(case.params["exp"][0]) * case.params["t"]]


@pytest.mark.parametrize("kernel", ATTENTION, ids=lambda kernel: kernel.name)
@settings(max_examples=12, deadline=None)
@given(seed=SEEDS)
@example(seed=0)
@example(seed=7)
def test_a_limit_holds_from_the_very_sum(library: ctypes.CDLL, kernel: Kernel, seed: int) -> None:
    """Rows of equal scores: their sum is known, so one more, exactly it, and one less."""
    for sizes in (*_SIZES, *SIZES.get(kernel.name, ())):
        case = sized_case("attention_s8", sizes, seed)
        values = (case.values[0], np.full_like(case.values[1], 3), case.values[2])
        case = replace(case, values=values)
        if not kernel.accepts(planned(case)):
            continue
        for off in (-1, 0, 1, 2, sums(case)[0]):
            at = limited(case, sums(case)[0], off)
            np.testing.assert_array_equal(execute(library, kernel, at), expect(at))


@pytest.mark.parametrize("kernel", ATTENTION, ids=lambda kernel: kernel.name)
@settings(max_examples=12, deadline=None)
@given(seed=SEEDS, largest=st.sampled_from([0.0, 0.02, 0.52, 0.9, 255 / 256]))
def test_limited_rows_equal_the_arithmetic(
    library: ctypes.CDLL, kernel: Kernel, seed: int, largest: float
) -> None:
    for sizes in (*_SIZES, *SIZES.get(kernel.name, ())):
        case = sized_case("attention_s8", sizes, seed)
        limit = row_limit(largest, int(case.params["exp"][0]))
        fields = {"share": limit.share, "below": limit.below}
        case = replace(case, params={**case.params, "limit": fields})
        if kernel.accepts(planned(case)):
            cores = 4 if kernel.isa == "xpulp" else 1
            np.testing.assert_array_equal(execute(library, kernel, case, cores), expect(case))
