"""Sparse weights give the dense layer's bytes: long runs, empty rows, leftovers of k, six rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import Targets
from kernel_builds import board_of
from kernel_cases import sized_case
from kernel_runs import expect

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.studies.kernels.checking.case import Case

_SPARSE = [k for k in all_kernels() if k.pack in SPARSE_FORMATS and k.isa in ("m4", "m7")]
_KERNELS = [kernel for kernel in _SPARSE if kernel.op == "linear_s8"]
_SHAPES = [(6, 700, 3), (13, 363, 5), (12, 16, 9), (7, 3, 2), (6, 1, 4), (18, 17, 1)]
_DENSITIES = (0.0, 0.01, 0.3, 1.0)


def _sparse(shape: tuple[int, int, int], density: float, seed: int) -> Case:
    """A layer with a narrow requantisation; a share of its weights' blocks, and the last weight."""
    _, k, n = shape
    case = sized_case("linear_s8", shape, seed)
    rng = np.random.default_rng(seed)
    weight = rng.integers(-128, 128, (n, k), dtype=np.int8)
    kept = np.repeat(rng.random((n, -(-k // 4))) < density, 4, axis=1)[:, :k]
    kept[-1, -1] = density > 0
    step = int(rng.integers(2))
    largest = 2**31 // (80 * 2**7 * max(1, k // 8))
    multiplier = (largest * rng.uniform(0.5, 1, n if step else 1)).astype(np.int32)
    requant = {**case.params["requant"], "multiplier": multiplier, "narrow": 1, "shift": 32}
    requant |= {"lo": -128, "hi": 127, "channel_step": step}
    weight = np.where(kept, weight, np.int8(0))
    return replace(case, params={**case.params, "weight": weight, "requant": requant})


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
def test_sparse_layers_on_the_core(targets: Targets, kernel: Kernel) -> None:
    target = targets.of(board_of(kernel), "zig")
    for seed, shape in enumerate(_SHAPES):
        for density in _DENSITIES:
            case = _sparse(shape, density, seed)
            np.testing.assert_array_equal(target.execute(kernel, case), expect(case))
