"""Means over outer axes: turns of two cells and what is left, outputs by lots, eights and fours."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest
from kernel_cases import sized_case
from kernel_runs import check, planned
from kernel_targets import Targets

from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.toolchain.toolchain import toolchain_names

_LIMITS = [
    (4, 1),
    (5, 2),
    (8, 3),
    (11, 4),
    (12, 257),
    (31, 5),
    (32, 256),
    (33, 6),
    (41, 3),
    (68, 1),
]
"""Outputs and cells of a line."""

(_KERNEL,) = (kernel for kernel in all_kernels() if kernel.name == "tr_mean_s8__m4")


def cases(outputs: int, cells: int) -> Iterator[Case]:
    """Means of two lines, those of a few drawn orders whose outputs are neighbours."""
    drawn = (sized_case("mean_s8", (1, 1, outputs, 1, 2, cells), seed) for seed in range(40))
    taken = [case for case in drawn if _KERNEL.accepts(planned(case))]
    assert len(taken) >= 3
    yield from taken[:3]


@pytest.mark.parametrize(("outputs", "cells"), _LIMITS)
def test_mean_columns(library: ctypes.CDLL, outputs: int, cells: int) -> None:
    for case in cases(outputs, cells):
        check(library, _KERNEL, case)


@pytest.mark.parametrize("toolchain", toolchain_names())
def test_mean_columns_on_the_core(targets: Targets, toolchain: str) -> None:
    targets.check(_KERNEL, toolchain, (case for limits in _LIMITS for case in cases(*limits)))
