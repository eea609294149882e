"""Sizes that take ways of their own through a kernel, compiled for Cortex-M by two compilers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from kernel_case import Case
from kernel_cases import sized_case
from kernel_memory import Operand
from kernel_oracle import normalised
from kernel_runs import expect, planned
from kernel_target import Target
from numpy.typing import NDArray

from generator.planning.kernels import all_kernels

_SHAPES = [
    ("linear_s8", (5, 32, 8)),
    ("linear_s8", (2, 41, 7)),
    ("linear_s8_s32", (5, 32, 8)),
    ("linear_s8_s32", (2, 41, 7)),
    ("matmul_s8", (1, 1, 7, 33, 9)),
    ("matmul_s8", (1, 2, 4, 5, 8)),
    ("matmul_s8", (1, 1, 3, 128, 5)),
    ("matmul_s8", (1, 1, 4, 28, 8)),
    ("layernorm_s8", (3, 48)),
    ("layernorm_s8", (5, 16)),
    ("layernorm_s8", (2, 39)),
    ("layernorm_s8", (4, 17)),
    ("layernorm_s8", (4, 20)),
    ("layernorm_s8", (2, 496)),
    ("attention_s8", (1, 2, 5, 5, 32, 32)),
    ("attention_s8", (1, 1, 4, 8, 9, 4)),
    ("attention_s8", (1, 1, 6, 66, 2, 2)),
    ("attention_s8", (1, 1, 2, 1, 2, 2)),
]


@pytest.fixture(scope="module", params=["image", "gcc_image"], ids=["zig", "gcc"])
def target(request: pytest.FixtureRequest) -> Target:
    return Target(request.getfixturevalue(request.param))


@pytest.mark.parametrize(("op", "shape"), _SHAPES)
def test_ways_of_their_own_on_the_core(target: Target, op: str, shape: tuple[int, ...]) -> None:
    variants = [k for k in all_kernels() if k.op == op and k.isa in ("m4", "m7")]
    accepted = 0
    for seed in range(16):
        case = sized_case(op, shape, seed)
        expected = expect(case)
        for kernel in variants:
            if kernel.accepts(planned(case)):
                accepted += 1
                np.testing.assert_array_equal(target.execute(kernel, case), expected)
    assert accepted >= 8


def _layernorm(rows: NDArray[np.int8], gamma: int, zero_point: int | None) -> Case:
    """Dense rows whose requantisation is the upper half of the accumulator, eps 1 in V's units.

    An RMSNorm where there is a zero point. The start values put every output of the first row at
    the edge of its code, from above or below.
    """
    count, length = rows.shape
    dense = Operand((count, length), (length, 1), 0, count * length)
    reach = 127.5 if zero_point is None else max(127 - zero_point, zero_point + 128)
    bits = max(0, int(2**32 / ((length * reach) ** 2 + 2)).bit_length() - 1 & ~1)
    form = {"multiplier": np.full(1, 1 << 16, np.int32), "channel_step": 0, "shift": 32}
    form |= {"narrow": 1, "zero_point": 0, "lo": -128, "hi": 127}
    params = {"rows": count, "length": length, "x_row": length, "x_col": 1, "y_row": length}
    params |= {"y_col": 1, "gamma": np.full(length, gamma << 16, np.int32), "start": None}
    params |= {"eps": 1 << bits, "fraction": bits, "raised": 16 + bits // 2}
    params |= {"centred": int(zero_point is None), "zero_point": zero_point or 0}
    params |= {"gamma_bits": 16, "requant": form}
    scaled = normalised(params, rows[0].astype(np.int64)) * params["gamma"] >> 32
    code = np.random.default_rng(length).integers(-128, 128, size=length)
    params["start"] = ((code << 16) - np.arange(length) % 2 - scaled).astype(np.int32)
    return Case("layernorm_s8", params, (dense,), (rows.reshape(-1),), dense, (1, 2))


def _check_layernorm(target: Target, case: Case) -> None:
    (kernel,) = (k for k in all_kernels() if k.name == "tr_layernorm_s8__m4")
    np.testing.assert_array_equal(target.execute(kernel, case), expect(case))


@pytest.mark.parametrize(
    ("spread", "length", "zero_point"),
    [
        *((1, 240, None), (2, 240, None), (3, 240, None), (4, 240, None), (6, 241, None)),
        *((20, 242, None), (128, 240, None), (128, 247, None)),
        *((4, 240, 0), (20, 243, -128), (128, 240, 9)),
    ],
)
def test_every_bit_of_a_layernorm_row_counts(
    target: Target, spread: int, length: int, zero_point: int | None
) -> None:
    """Gains as large as they can be, and outputs at an edge, show any other normalised value."""
    rng = np.random.default_rng(spread)
    for _ in range(3):
        rows = rng.integers(-spread, spread, size=(6, length)).astype(np.int8)
        _check_layernorm(target, _layernorm(rows, 32767, zero_point))


def test_a_layernorm_row_whose_factor_rounds_to_its_limit(target: Target) -> None:
    """V is 2^10 with 32 elements: the factor, just below 2^23, rounds to it."""
    row = np.array([2] * 9 + [1] * 2 + [-1] * 3 + [0] * 18, np.int8)
    assert 32 * int((row.astype(int) ** 2).sum()) - int(row.sum()) ** 2 + 1 == 2**10
    _check_layernorm(target, _layernorm(np.stack([row, row[::-1], -row]), 1000, None))


@pytest.mark.parametrize("length", [256, 257, 480, 481])
def test_a_layernorm_row_whose_variance_reaches_32_bits(target: Target, length: int) -> None:
    """The widest rows: V, of a LayerNorm and of RMSNorms, has 32 bits or just more."""
    rows = np.where(np.arange(length) % 2 == 0, -128, 127).astype(np.int8)
    for zero_point in (None, 0, 127):
        _check_layernorm(target, _layernorm(np.stack([rows, rows[::-1]]), 300, zero_point))


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_layernorm_row_at_the_least_variance_of_the_written_way(
    target: Target, beyond: int
) -> None:
    """V of a row of 48 elements is 2^12 or one more or less, which decides whether it is tame."""
    row = np.array([8] * 1 + [0] * 47, np.int8)
    case = _layernorm(np.stack([row, -row, row]), 20000, None)
    spread = 48 * 64 - 64
    eps = ((1 << 12) << case.params["fraction"]) - (spread << case.params["fraction"]) + beyond
    _check_layernorm(target, replace(case, params={**case.params, "eps": eps}))
