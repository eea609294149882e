"""Sizes that take ways of their own through a kernel, compiled for Cortex-M by two compilers."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import Targets
from kernel_case import Case
from kernel_cases import sized_case
from kernel_image import board_of
from kernel_memory import Operand
from kernel_runs import expect, planned
from kernel_target import Target
from numpy.typing import NDArray

from generator.planning.kernels import all_kernels
from suite.build.toolchain import toolchain_names

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


@pytest.fixture(params=toolchain_names())
def target(request: pytest.FixtureRequest, targets: Targets) -> Target:
    return targets.of("stm32f427", request.param)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize(("op", "shape"), _SHAPES)
def test_ways_of_their_own_on_the_core(
    targets: Targets, toolchain: str, op: str, shape: tuple[int, ...]
) -> None:
    variants = [k for k in all_kernels() if k.op == op and k.isa in ("m4", "m7")]
    accepted = 0
    for seed in range(16):
        case = sized_case(op, shape, seed)
        expected = expect(case)
        for kernel in variants:
            if kernel.accepts(planned(case)):
                accepted += 1
                target = targets.of(board_of(kernel), toolchain)
                np.testing.assert_array_equal(target.execute(kernel, case), expected)
    assert accepted >= 8


def _layernorm(rows: NDArray[np.int8], gamma: int) -> Case:
    """Dense rows whose requantisation is the upper half of the accumulator, eps 1."""
    count, length = rows.shape
    dense = Operand((count, length), (length, 1), 0, count * length)
    form = {"multiplier": np.full(1, 1 << 16, np.int32), "channel_step": 0, "shift": 32}
    form |= {"narrow": 1, "zero_point": 0, "lo": -128, "hi": 127}
    params = {"rows": count, "length": length, "x_row": length, "x_col": 1, "y_row": length}
    params |= {"y_col": 1, "gamma": np.full(length, gamma, np.int16), "eps": 1, "requant": form}
    start = np.random.default_rng(length).integers(-(2**22), 2**22, size=length, dtype=np.int32)
    values = (rows.reshape(-1),)
    return Case("layernorm_s8", params | {"start": start}, (dense,), values, dense, (1, 2))


def _check_layernorm(target: Target, case: Case) -> None:
    (kernel,) = (k for k in all_kernels() if k.name == "tr_layernorm_s8__m4")
    np.testing.assert_array_equal(target.execute(kernel, case), expect(case))


@pytest.mark.parametrize(
    ("spread", "length"),
    [(1, 240), (2, 240), (3, 240), (4, 240), (6, 241), (20, 242), (128, 240), (128, 247)],
)
def test_every_bit_of_a_layernorm_row_counts(target: Target, spread: int, length: int) -> None:
    """Gains as large as they can be show a normalised value that is one too many."""
    rng = np.random.default_rng(spread)
    rows = rng.integers(-spread, spread, size=(200, length)).astype(np.int8)
    _check_layernorm(target, _layernorm(rows, 32767))


def test_a_layernorm_row_whose_factor_rounds_to_its_limit(target: Target) -> None:
    """V is 2^10 with 32 elements: the factor, just below 2^23, rounds to it."""
    row = np.array([2] * 9 + [1] * 2 + [-1] * 3 + [0] * 18, np.int8)
    assert 32 * int((row.astype(int) ** 2).sum()) - int(row.sum()) ** 2 + 1 == 2**10
    _check_layernorm(target, _layernorm(np.stack([row, row[::-1], -row]), 1000))
