"""Products of two bytes as one operand: exact to the last unit, and up to the largest sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from kernel_builds import board_of
from kernel_cases import sized_case
from kernel_runs import expect, planned
from kernel_targets import Targets

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case

_KERNELS = [kernel for kernel in all_kernels() if "_halves_" in kernel.name]
_IDS = [kernel.name for kernel in _KERNELS]
_EDGES = (-128, 127)


def _fine(k: int, seed: int) -> Case:
    """A case whose outputs move with a few units of a sum."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(3, 6)), int(rng.integers(1, 9))
    case = sized_case("matmul_s8", (1, 1, m, k, n), seed)
    multiplier = np.array([int(2 ** rng.uniform(22, 30))], np.int32)
    requant = {**case.params["requant"], "multiplier": multiplier, "narrow": 1, "shift": 32}
    requant |= {"lo": -128, "hi": 127, "channel_step": 0}
    return replace(case, params={**case.params, "start": 0, "requant": requant})


@pytest.mark.parametrize("kernel", _KERNELS, ids=_IDS)
def test_every_unit_of_a_sum_counts(targets: Targets, kernel: Kernel) -> None:
    for seed in range(60):
        case = _fine(8 + seed, seed)
        assert kernel.accepts(planned(case))
        np.testing.assert_array_equal(
            targets.of(board_of(kernel), "zig").execute(kernel, case), expect(case)
        )


@pytest.mark.parametrize("kernel", _KERNELS, ids=_IDS)
def test_the_largest_sums_do_not_overflow(targets: Targets, kernel: Kernel) -> None:
    accepted = 0
    for number, (a, b, a_zero, b_zero) in enumerate(np.ndindex(2, 2, 2, 2)):
        for k in (128, 129, 256, 511):
            zeros = {"a_zero_point": _EDGES[a_zero], "b_zero_point": _EDGES[b_zero]}
            case = _fine(k, number)
            full = (np.full_like(v, _EDGES[e]) for v, e in zip(case.values, (a, b), strict=True))
            case = replace(case, params=case.params | zeros, values=tuple(full))
            if kernel.accepts(planned(case)):
                accepted += 1
                np.testing.assert_array_equal(
                    targets.of(board_of(kernel), "zig").execute(kernel, case), expect(case)
                )
    assert accepted >= 16
