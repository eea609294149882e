"""Sparse weights give the dense layer's bytes: long runs, empty rows, leftovers of k, six rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from kernel_builds import board_of
from kernel_cases import sized_case
from kernel_runs import expect
from kernel_targets import Targets
from numpy.typing import NDArray

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.models.masks import block_mask
from tinyrig.suite.studies.kernels.checking.arguments import planned
from tinyrig.suite.studies.kernels.checking.case import Case

Kept = NDArray[np.bool_]

_KERNELS = [k for k in all_kernels() if k.pack in SPARSE_FORMATS and k.isa != "ref"]
_SHAPES = [(6, 700, 3), (13, 363, 5), (12, 16, 9), (7, 11, 2), (6, 8, 1), (18, 17, 1), (1, 20, 4)]
_SHAPES += [(6, 28, 2), (3, 52, 2), (6, 56, 2), (3, 106, 2)]
"""Blocks in a balanced row leave each of 0 to 7 over beside turns of eight."""
_WINDOWS = [(9, 6, 3, 3, 7, 5, 1, 1), (8, 3, 3, 1, 4, 6, 2, 1), (12, 5, 1, 1, 3, 13, 1, 1)]
_DENSITIES = (0.0, 0.01, 0.3, 1.0)


def _cases(kernel: Kernel, seed: int) -> Iterator[Case]:
    """Random calls the kernel accepts; of densities in turn, the last weight among them."""
    shapes = 8 * _WINDOWS if kernel.op == "conv2d_s8" else _SHAPES
    for turn, shape in enumerate(shapes):
        for at, density in enumerate(_DENSITIES):
            seed += 1
            case = sized_case(kernel.op, (*shape, 1, 1, 1), seed)
            balanced = (turn + at) % 2 == 0
            rows = SPARSE_FORMATS[kernel.pack].rows
            kept = _kept(case, density, rows, seed, balanced=balanced)
            if not balanced:
                kept[-1, -1] = density > 0
            case = _sparse(case, kept, seed, narrow=turn % 3 != 2)
            if kernel.accepts(planned(case)) and kernel.holds(planned(case)):
                yield case


def _kept(case: Case, density: float, shared: int, seed: int, *, balanced: bool) -> Kept:
    """A mask of blocks of four: any share of them, or as many in every row of the form."""
    rng = np.random.default_rng(seed)
    n, k = _extent(case)
    chosen = rng.random((n, -(-k // 4)))
    kept = block_mask(chosen, 1, 1 - density, "balanced", shared=shared)
    return np.repeat(kept if balanced else chosen < density, 4, axis=1)[:, :k]


def _extent(case: Case) -> tuple[int, int]:
    shape = case.params["weight"].shape
    return shape[0], int(np.prod(shape[1:]))


def _sparse(case: Case, kept: Kept, seed: int, *, narrow: bool) -> Case:
    rng = np.random.default_rng(seed)
    n, k = _extent(case)
    weight = np.where(kept, rng.integers(-127, 128, (n, k), dtype=np.int8), np.int8(0))
    params = {**case.params, "weight": weight.reshape(case.params["weight"].shape)}
    if "requant" in params and narrow:
        step = int(rng.integers(2))
        largest = 2**31 // (80 * 2**7 * max(1, k // 8))
        multiplier = (largest * rng.uniform(0.5, 1, n if step else 1)).astype(np.int32)
        requant = {**params["requant"], "multiplier": multiplier, "narrow": 1, "shift": 32}
        params["requant"] = requant | {"lo": -128, "hi": 127, "channel_step": step}
    return replace(case, params=params)


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
def test_sparse_layers_on_the_core(targets: Targets, kernel: Kernel) -> None:
    target = targets.of(board_of(kernel), "zig")
    found = 0
    for case in _cases(kernel, 100):
        cores = 8 if kernel.isa == "xpulp" else 1
        np.testing.assert_array_equal(target.execute(kernel, case, cores), expect(case))
        found += 1
    assert found >= len(_DENSITIES)
