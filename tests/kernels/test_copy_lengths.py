"""Rows of a copy and of a fill of every length about what a pass takes."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from kernel_runs import check

from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import Operand

_NAMES = ("tr_copy_s8__m4", "tr_copy_s8__m7", "tr_fill_s8__m4")
_LENGTHS = (*range(1, 9), *range(30, 36), *range(62, 69), 95, 96, 97, 128, 131)
_KERNELS = [k for k in all_kernels() if k.name in _NAMES]


def _rows(op: str, length: int, gap: int) -> Case:
    shape = (1, 1, 1, 2, 3, length)
    row = length + gap
    x = Operand(shape, (6 * row, 6 * row, 6 * row, 3 * row, row, 1), 0, 6 * row)
    rng = np.random.default_rng(length)
    params: dict[str, Any] = {"extent": list(shape), "y_stride": list(x.strides)}
    misalign = (length % 4, (length + gap) % 4)
    if op == "fill_s8":
        return Case(op, params | {"value": -7}, (), (), x, misalign[:1])
    values = (rng.integers(-128, 128, size=x.size, dtype=np.int8),)
    return Case(op, params | {"x_stride": list(x.strides)}, (x,), values, x, misalign)


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("gap", [0, 5])
def test_every_length(library: ctypes.CDLL, kernel: Any, gap: int) -> None:
    for length in _LENGTHS:
        case = _rows(kernel.op, length, gap)
        check(library, kernel, case)
