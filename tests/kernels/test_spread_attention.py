"""Attention whose scores, probabilities and outputs spread over their range.

What is drawn at random saturates nearly everywhere, and scores far below a row's largest weigh
nothing: neither shows a sum of exponentials that is wrong by a few keys.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any

import numpy as np
import pytest
from kernel_builds import board_of
from kernel_cases import sized_case
from kernel_runs import execute, expect, planned
from kernel_targets import Targets
from numpy.typing import NDArray
from spread_cases import spread

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.toolchain.toolchain import toolchain_names

_ATTENTION = [k for k in all_kernels() if k.op == "attention_s8" and k.isa != "ref"]
_SHAPES = [
    (1, 2, 5, 5, 8, 8),
    (1, 1, 3, 7, 32, 5),
    (1, 2, 5, 9, 16, 4),
    (2, 1, 4, 12, 8, 4),
    (1, 2, 9, 18, 8, 8),
    (1, 1, 3, 27, 8, 12),
    (1, 1, 6, 27, 8, 12),
    (1, 2, 6, 5, 2, 2),
    (1, 2, 6, 18, 2, 2),
    (1, 1, 5, 27, 2, 2),
]
"""Batches, heads, queries, keys and columns: one to seven keys short of whole units of eight."""


@functools.cache
def _case(shape: tuple[int, ...], seed: int) -> tuple[Case, NDArray[Any]]:
    """A call and its outputs, few of which saturate."""
    case = spread(sized_case("attention_s8", shape, seed), seed)
    expected = expect(case)
    outputs = expected[case.output.positions]
    assert np.mean((outputs == -128) | (outputs == 127)) < 0.3
    return case, expected


def _cases(kernel: Kernel, seeds: int, most: int) -> list[tuple[Case, NDArray[Any]]]:
    """Up to `most` cases of each shape and kind of probabilities, and one of each at least."""
    found: dict[tuple[bool, tuple[int, ...]], list[tuple[Case, NDArray[Any]]]] = {}
    for shape in _SHAPES:
        for seed in range(seeds):
            case, expected = _case(shape, seed)
            same = found.setdefault((case.params["rounding"]["most"] == 0, shape), [])
            if len(same) < most and kernel.accepts(planned(case)):
                same.append((case, expected))
    rounded_alone = any(rule.startswith("rounding.most") for rule in kernel.legal)
    kinds = {exact for (exact, _), cases in found.items() if cases}
    assert kinds == ({False} if rounded_alone else {False, True})
    return [case for cases in found.values() for case in cases]


@pytest.mark.parametrize("kernel", _ATTENTION, ids=lambda kernel: kernel.name)
def test_on_the_host(library: ctypes.CDLL, kernel: Kernel) -> None:
    for case, expected in _cases(kernel, 30, 4):
        cores = 2 if kernel.isa == "xpulp" else 1
        np.testing.assert_array_equal(execute(library, kernel, case, cores), expected)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _ATTENTION, ids=lambda kernel: kernel.name)
def test_on_the_core(targets: Targets, toolchain: str, kernel: Kernel) -> None:
    """The same: on a core a kernel has ways that the host has not."""
    target = targets.of(board_of(kernel), toolchain)
    for case, expected in _cases(kernel, 30, 2):
        cores = 2 if kernel.isa == "xpulp" else 1
        np.testing.assert_array_equal(target.execute(kernel, case, cores), expected)
