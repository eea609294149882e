"""The larger and the smaller of two bytes of the same steps, which need no multiplication."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from kernel_cases import BUILDERS
from kernel_runs import execute

from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.kernels.checking.arguments import planned
from tinyrig.suite.studies.kernels.checking.case import Case

_KERNELS = {kernel.name: kernel for kernel in all_kernels() if kernel.op == "extremum_s8"}
_REFERENCE = _KERNELS.pop("tr_extremum_s8__ref")


def _drawn(seed: int) -> Case:
    rng = np.random.default_rng(seed)

    def pick(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    return BUILDERS["extremum_s8"](pick, rng)


@pytest.mark.parametrize("name", sorted(_KERNELS))
@pytest.mark.parametrize("least", [0, 1])
@pytest.mark.parametrize(
    ("start", "limits"),
    [
        (1 << 22, (-128, 127)),
        ((1 << 23) - 1, (-128, 127)),
        (1 << 23, (-128, 127)),
        (-1, (-128, 127)),
        (0, (-100, 90)),
    ],
)
def test_same_steps_are_compared_as_they_are(
    library: ctypes.CDLL, name: str, least: int, start: int, limits: tuple[int, int]
) -> None:
    form = {"a_multiplier": 1 << 23, "b_multiplier": 1 << 23, "a_start": start, "b_start": start}
    form |= {"shift": 23, "least": least, "lo": limits[0], "hi": limits[1]}
    taken = 0
    kernel = _KERNELS[name]
    for seed in range(60):
        case = _drawn(seed)
        case = replace(case, params={**case.params, **form})
        if not kernel.accepts(planned(case)):
            continue
        taken += 1
        expected = execute(library, _REFERENCE, case)
        got = execute(library, kernel, case)
        np.testing.assert_array_equal(got, expected)
    assert taken >= 10
