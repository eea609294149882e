"""Sizes that take ways of their own through a kernel, compiled for Cortex-M by two compilers."""

from __future__ import annotations

import numpy as np
import pytest
from kernel_builds import board_of
from kernel_cases import sized_case
from kernel_runs import expect, planned
from kernel_targets import Targets

from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.toolchain.toolchain import toolchain_names

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
    ("conv2d_s8", (2, 2, 4, 3, 3, 7, 6, 1)),
    ("conv2d_s8", (2, 3, 1, 3, 3, 1, 1, 2)),
    ("conv2d_s8", (2, 5, 3, 3, 3, 4, 3, 1)),
    ("conv2d_s8", (2, 6, 2, 3, 3, 2, 14, 1)),
    ("conv2d_s8", (2, 9, 2, 3, 3, 4, 4, 1)),
    ("conv2d_s8", (2, 10, 3, 3, 3, 5, 5, 1)),
    ("softmax_s8", (2, 3, 31)),
    ("softmax_masked_s8", (2, 3, 31)),
]


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
            if kernel.accepts(planned(case)) and kernel.holds(planned(case)):
                accepted += 1
                target = targets.of(board_of(kernel), toolchain)
                np.testing.assert_array_equal(target.execute(kernel, case), expected)
    assert accepted >= 8
