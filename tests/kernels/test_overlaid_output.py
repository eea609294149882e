"""Attention of the cluster that writes its output over its queries."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import replace
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

_OVERLAID = [k for k in all_kernels() if k.overwrite == "queries"]
_SHAPES = [
    (1, 1, 4, 9, 8, 8),
    (1, 1, 6, 12, 7, 7),
    (1, 1, 13, 5, 32, 32),
    (1, 1, 33, 18, 8, 8),
    (1, 1, 12, 18, 8, 16),
]
"""Batches, heads, queries, keys and columns: whole tiles and one to three queries more."""

_CORES = (1, 8)
_MOST = 2


def _cases(kernel: Kernel) -> Iterator[tuple[Case, NDArray[Any], NDArray[Any]]]:
    """Yield cases, outputs as large as queries, with where outputs lie and what they are."""
    for shape in _SHAPES:
        found = 0
        for seed in range(400):
            case = spread(sized_case(kernel.op, shape, seed), seed)
            if not kernel.accepts(planned(case)):
                continue
            where = case.output.positions
            yield _overlaid(case), where, expect(case)[where]
            found += 1
            if found == _MOST:
                break
        assert found


def _overlaid(case: Case) -> Case:
    """The case with its output over its queries, in memory that has room for both."""
    room = max(case.output.size, case.values[0].size)
    queries = np.pad(case.values[0], (0, room - case.values[0].size))
    return replace(
        case,
        alias=0,
        values=(queries, *case.values[1:]),
        inputs=(replace(case.inputs[0], size=room), *case.inputs[1:]),
        output=replace(case.output, size=room),
    )


def test_some_kernel_may() -> None:
    assert _OVERLAID


@pytest.mark.parametrize("kernel", _OVERLAID, ids=lambda kernel: kernel.name)
def test_output_over_the_queries_on_the_host(library: ctypes.CDLL, kernel: Kernel) -> None:
    for case, where, expected in _cases(kernel):
        for cores in _CORES:
            got = execute(library, kernel, case, cores)
            np.testing.assert_array_equal(got[where], expected)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _OVERLAID, ids=lambda kernel: kernel.name)
def test_output_over_the_queries_on_the_core(
    targets: Targets, toolchain: str, kernel: Kernel
) -> None:
    """From barrier to barrier one core after the other, so that what a core writes too early is
    there when the next one reads."""
    target = targets.of(board_of(kernel), toolchain)
    for case, where, expected in _cases(kernel):
        for cores in _CORES:
            got = target.execute(kernel, case, cores)
            np.testing.assert_array_equal(got[where], expected)
