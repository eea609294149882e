"""LayerNorm and RMSNorm where one unit of a normalised value shows, and at the kernels' limits."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from kernel_oracle import normalised
from kernel_runs import check, expect
from numpy.typing import NDArray

from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import Operand
from tinyrig.suite.studies.kernels.checking.target import Target

_KERNELS = [kernel for kernel in all_kernels() if kernel.op == "layernorm_s8"]


def _spread(row: NDArray[np.int8], zero_point: int | None) -> int:
    """E^2 times the variance of a row, or its mean square about the zero point."""
    codes = row.astype(np.int64) - (zero_point or 0)
    total = int(codes.sum()) if zero_point is None else 0
    return len(row) * int((codes**2).sum()) - total**2


def _fraction(length: int, zero_point: int | None) -> int:
    """The most that keeps V in 32 bits, as the generator takes it."""
    reach = 127.5 if zero_point is None else max(127 - zero_point, zero_point + 128)
    room = int(2**32 / ((length * reach) ** 2 + 2))
    return max(0, room.bit_length() - 1 & ~1)


def _case(
    rows: NDArray[np.int8],
    gamma: int,
    zero_point: int | None = None,
    variance: int | None = None,
    raised: int | None = None,
) -> Case:
    """Dense rows whose requantisation is the upper half of the accumulator.

    An RMSNorm where there is a zero point. `variance` is V of the first row, its own and one more
    if not given. The start values put every output of the first row at the edge of its code, from
    above or below.
    """
    count, length = rows.shape
    dense = Operand((count, length), (length, 1), 0, count * length)
    bits = _fraction(length, zero_point)
    own = _spread(rows[0], zero_point) << bits
    params: dict[str, Any] = {"rows": count, "length": length, "x_row": length, "x_col": 1}
    params |= {"y_row": length, "y_col": 1}
    params |= {"gamma": np.full(length, gamma << 16, np.int32), "start": None}
    params |= {"eps": 1 << bits if variance is None else variance - own, "fraction": bits}
    params |= {"raised": 16 + bits // 2 if raised is None else raised}
    params |= {"centred": int(zero_point is None), "zero_point": zero_point or 0}
    params |= {"gamma_bits": 16}
    form = {"multiplier": np.full(1, 1 << 16, np.int32), "channel_step": 0, "shift": 32}
    params["requant"] = form | {"narrow": 1, "zero_point": 0, "lo": -128, "hi": 127}
    assert params["eps"] >= 1
    scaled = normalised(params, rows[0].astype(np.int64)) * params["gamma"] >> 32
    code = np.random.default_rng(length).integers(-128, 128, size=length)
    params["start"] = ((code << 16) - np.arange(length) % 2 - scaled).astype(np.int32)
    return Case("layernorm_s8", params, (dense,), (rows.reshape(-1),), dense, (1, 2))


def _check(target: Target, case: Case) -> None:
    (kernel,) = (k for k in _KERNELS if k.isa == "m4")
    np.testing.assert_array_equal(target.execute(kernel, case), expect(case))


def _check_host(library: ctypes.CDLL, case: Case) -> None:
    for kernel in _KERNELS:
        check(library, kernel, case)


_SPREADS = [
    *((1, 240, None), (2, 240, None), (3, 240, None), (4, 240, None), (6, 241, None)),
    *((20, 242, None), (128, 240, None), (128, 247, None)),
    *((4, 240, 0), (20, 243, -128), (128, 240, 9)),
]


def _noise(spread: int, length: int, zero_point: int | None, seed: int) -> Case:
    """Gains as large as they can be."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(-spread, spread, size=(6, length)).astype(np.int8)
    return _case(rows, 32767, zero_point)


@pytest.mark.parametrize(("spread", "length", "zero_point"), _SPREADS)
def test_every_bit_counts_on_the_core(
    cortex_m: Target, spread: int, length: int, zero_point: int | None
) -> None:
    for seed in range(3):
        _check(cortex_m, _noise(spread, length, zero_point, seed))


@pytest.mark.parametrize(("spread", "length", "zero_point"), _SPREADS)
def test_every_bit_counts_in_every_variant(
    library: ctypes.CDLL, spread: int, length: int, zero_point: int | None
) -> None:
    for seed in range(3):
        _check_host(library, _noise(spread, length, zero_point, seed))


def test_a_row_whose_factor_rounds_to_its_limit(cortex_m: Target) -> None:
    """V is 2^10 with 32 elements: the factor, just below 2^23, rounds to it."""
    row = np.array([2] * 9 + [1] * 2 + [-1] * 3 + [0] * 18, np.int8)
    assert _spread(row, None) + 1 == 2**10
    _check(cortex_m, _case(np.stack([row, row[::-1], -row]), 1000))


@pytest.mark.parametrize("beyond", [-1, 0, 2**20])
@pytest.mark.parametrize(
    ("length", "zero_point"), [(256, None), (480, None), (481, None), (480, 0), (256, 127)]
)
def test_the_widest_row_whose_variance_reaches_32_bits(
    cortex_m: Target, length: int, zero_point: int | None, beyond: int
) -> None:
    """V is the largest number of 32 bits, or more, which is no longer for the written way."""
    row = np.full(length, -128, np.int8)
    if zero_point is None:
        row[::2] = 127
    whole = max(2**32, (_spread(row, zero_point) << _fraction(length, zero_point)) + 2)
    case = _case(np.stack([row, row[::-1]]), 300, zero_point, variance=whole + beyond)
    _check(cortex_m, case)


@pytest.mark.parametrize("variance", [2**18 - 1, 2**18, 2**18 + 1, 2**17, 2**17 + 1])
def test_a_row_at_the_least_variance_of_the_written_way(cortex_m: Target, variance: int) -> None:
    """From 2^12 on, in 48 elements with six bits of fraction, a row is tame; below it is not."""
    row = np.array([5] + [0] * 47, np.int8)
    assert _fraction(48, None) == 6
    _check(cortex_m, _case(np.stack([row, -row, row]), 20000, variance=variance))


@pytest.mark.parametrize("raised", [23, 24, 30])
def test_a_flat_row_whose_products_would_move_up(library: ctypes.CDLL, raised: int) -> None:
    """V is 1: the products with the root move down by one bit at least."""
    rows = np.full((2, 16), 77, np.int8)
    _check_host(library, _case(rows, 5000, variance=1, raised=raised))
