"""Extremes, their places and quotients along rows: whole turns of the loops, and what is left."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from kernel_cases import sized_case
from kernel_runs import check, planned
from kernel_targets import Targets

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.toolchain.toolchain import toolchain_names

_NAMES = ("tr_reduce_s8__m4", "tr_reduce_s8_rows__m4", "tr_argmax_s8__m4", "tr_divide_s8__m4")
_KERNELS = tuple(kernel for kernel in all_kernels() if kernel.name in _NAMES)
_SHAPES = [(2, 4, 37), (2, 16, 19), (2, 9, 33), (3, 2, 3, 48), (3, 7, 2, 21), (1, 32), (1, 6)]
"""Axes and their lengths, in the order that a drawn call asks for them."""
_LIMITS = [(-128, 127), (-20, 127), (-128, 20)]


def cases(kernel: Kernel, shape: tuple[int, ...]) -> Iterator[Case]:
    """A few calls of random codes, and of few codes, which stand at many places each."""
    taken = 0
    for seed in range(24):
        case = sized_case(kernel.op, shape, seed)
        if taken < 3 and kernel.accepts(planned(case)):
            taken += 1
            yield case
            few = tuple(
                (values % 2 - 5 * (seed % 3)).astype(values.dtype) for values in case.values
            )
            yield replace(case, values=few)


def limited(case: Case, lo: int, hi: int) -> Case:
    """A quotient with other limits of its codes."""
    assert case.drawn is not None
    node: Any = case.drawn.node
    drawn = replace(case.drawn, node=replace(node, lo=lo, hi=hi))
    return replace(case, params={**case.params, "lo": lo, "hi": hi}, drawn=drawn)


def every_case(kernel: Kernel) -> list[Case]:
    """The cases of all shapes; quotients with no limits, and with one, too."""
    found = [case for shape in _SHAPES for case in cases(kernel, shape)]
    quotients = [case for case in found if "lo" in case.params]
    return found + [limited(case, *ends) for case in quotients for ends in _LIMITS]


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
def test_rows_of_every_length(library: ctypes.CDLL, kernel: Kernel) -> None:
    found = every_case(kernel)
    assert len(found) >= 24
    for case in found:
        check(library, kernel, case)


@pytest.mark.parametrize("code", [-128, 127])
@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
def test_rows_of_one_code(library: ctypes.CDLL, kernel: Kernel, code: int) -> None:
    for case in cases(kernel, (2, 16, 19)):
        values = tuple(np.full_like(block, code) for block in case.values)
        check(library, kernel, replace(case, values=values))


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
def test_rows_on_the_core(targets: Targets, kernel: Kernel, toolchain: str) -> None:
    targets.check(kernel, toolchain, every_case(kernel))
