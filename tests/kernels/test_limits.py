"""Sums, products and shifts on both sides of the limits where a kernel changes its way."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import execute, expect, planned

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import Operand

_SETTINGS = settings(max_examples=12, deadline=None)


def variants(op: str) -> list[Kernel]:
    return [kernel for kernel in all_kernels() if kernel.op == op]


def dense(*shape: int) -> Operand:
    strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
    return Operand(shape, strides, 0, int(np.prod(shape)))


def agrees(library: ctypes.CDLL, case: Case) -> None:
    """Every variant that takes the case answers as the arithmetic says."""
    for kernel in variants(case.op):
        if kernel.accepts(planned(case)) and kernel.holds(planned(case)):
            np.testing.assert_array_equal(execute(library, kernel, case), expect(case))


@pytest.mark.parametrize("operand", ["a_multiplier", "b_multiplier"])
@_SETTINGS
@given(multiplier=st.integers(-(2**23) - 2, 2**23 + 2), seed=st.integers(0, 99))
@example(multiplier=2**23 - 1, seed=0)
@example(multiplier=2**23, seed=0)
@example(multiplier=2**23 + 1, seed=0)
@example(multiplier=1 - 2**23, seed=0)
@example(multiplier=-(2**23), seed=0)
@example(multiplier=-(2**23) - 1, seed=0)
def test_sums_with_multipliers_around_2_to_the_23(
    library: ctypes.CDLL, operand: str, multiplier: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    place = dense(1, 1, 1, 1, 1, 11)
    other = "b_multiplier" if operand == "a_multiplier" else "a_multiplier"
    params = {operand: multiplier, other: 4321, "start": 99, "shift": 23, "lo": -128, "hi": 127}
    strides = {f"{name}_stride": list(place.strides) for name in "aby"}
    params |= {"extent": list(place.shape)} | strides
    values = tuple(rng.choice(np.array([-128, -1, 0, 1, 127], np.int8), 11) for _ in range(2))
    agrees(library, Case("add_s8", params, (place, place), values, place, (0, 0, 0)))


@_SETTINGS
@given(shift=st.integers(0, 24), seed=st.integers(0, 99))
@example(shift=19, seed=0)
@example(shift=20, seed=0)
@example(shift=24, seed=0)
def test_sums_of_all_shifts(library: ctypes.CDLL, shift: int, seed: int) -> None:
    """Shifts from 20 to 24 have loops of their own."""
    rng = np.random.default_rng(seed)
    place = dense(1, 1, 1, 1, 1, 17)
    top = min(2 ** (shift + 1), 2**22)
    a, b = (int(factor) for factor in rng.integers(-top, top, size=2))
    params = {"a_multiplier": a, "b_multiplier": b, "start": 5 << shift, "shift": shift}
    params |= {"extent": list(place.shape), "lo": -128, "hi": 127}
    params |= {f"{name}_stride": list(place.strides) for name in "aby"}
    values = tuple(rng.integers(-128, 128, size=17, dtype=np.int8) for _ in range(2))
    agrees(library, Case("add_s8", params, (place, place), values, place, (0, 0, 0)))


@_SETTINGS
@given(start=st.integers(-(2**20), 2**20), seed=st.integers(0, 99))
@example(start=16 * 32000 - 255 * 255, seed=0)
@example(start=16 * 32000 - 255 * 255 - 16, seed=0)
@example(start=16 * 32750 - 255 * 255, seed=0)
@example(start=-16 * 32800 + 255 * 255, seed=0)
def test_products_that_leave_sixteen_bits(library: ctypes.CDLL, start: int, seed: int) -> None:
    """Outputs before their saturation, for a multiplier of 1/16, below and above 2^15."""
    rng = np.random.default_rng(seed)
    place = dense(1, 1, 1, 1, 1, 19)
    form = {"multiplier": np.full(1, 2**28, np.int32), "channel_step": 0, "shift": 32}
    form |= {"narrow": 1, "zero_point": 0, "lo": -128, "hi": 127}
    params = {"extent": list(place.shape), "start": start, "requant": form}
    params |= {"a_zero_point": 127, "b_zero_point": -128 if start < 0 else 127}
    params |= {f"{name}_stride": list(place.strides) for name in "aby"}
    values = (np.full(19, -128, np.int8), rng.choice(np.array([-128, 127], np.int8), 19))
    agrees(library, Case("mul_s8", params, (place, place), values, place, (0, 0, 0)))


@_SETTINGS
@given(shift=st.integers(1, 31), length=st.integers(1, 9))
@example(shift=22, length=8)
@example(shift=23, length=8)
@example(shift=24, length=8)
@example(shift=24, length=3)
def test_probabilities_of_rows_with_any_shift(
    library: ctypes.CDLL, shift: int, length: int
) -> None:
    """A shift of 23 is the last whose rounding, 2^8 times as much, fits 32 bits."""
    row = dense(1, 1, length)
    top = 1000
    exp = np.full(256, top, np.uint16)
    zeros = 32 - int(length * top).bit_length()
    params = {
        "outer0": 1,
        "outer1": 1,
        "length": length,
        "exp": exp,
        "fine": None,
        "zero_point": -5,
    }
    params |= {"x_stride": list(row.strides), "y_stride": list(row.strides)}
    params |= {"scale": {"mantissa": 2**31 - 1, "exponent": shift + zeros + 1}}
    values = (np.arange(length, dtype=np.int8),)
    agrees(library, Case("softmax_s8", params, (row,), values, row, (0, 0)))
