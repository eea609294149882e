"""Rows of lengths about what a pass takes, as compiled for Cortex-M by two compilers."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from kernel_builds import board_of
from kernel_runs import execute
from kernel_targets import Targets

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.arguments import planned
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import Operand
from tinyrig.suite.toolchain.toolchain import toolchain_names

_LENGTHS = (3, 8, 15, 16, 17, 31, 32, 33, 39, 64, 101)
_SAME = {"a_multiplier": 1 << 20, "b_multiplier": 1 << 20, "shift": 20, "lo": -128, "hi": 127}
_START = {"a_start": 1 << 19, "b_start": 1 << 19}


def _product(a_zero: int, b_zero: int, begin: int) -> Mapping[str, Any]:
    """A narrow product; sums are `begin` off a multiple of what an output step is worth."""
    form: dict[str, Any] = {"multiplier": np.full(1, 2**24 + 77, np.int32), "channel_step": 0}
    form |= {"shift": 32, "narrow": 1, "zero_point": 0, "lo": -128, "hi": 127}
    zeros = {"a_zero_point": a_zero, "b_zero_point": b_zero}
    return {**zeros, "start": 256 * 5 + begin, "requant": form}


_FORMS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "copy_s8": ({},),
    "mul_s8": (_product(7, -9, -1), _product(-128, 127, 1), _product(127, -128, 0)),
    "extremum_s8": ({**_SAME, **_START, "least": 0}, {**_SAME, **_START, "least": 1}),
}
_PORTABLE = {k.op: k for k in all_kernels() if k.op in _FORMS and k.isa == "ref"}
_OTHERS = ("tr_copy_s8_transpose__m4", "tr_mul_s8_any__m4")
_KERNELS = [
    k for k in all_kernels() if k.op in _FORMS and k.isa in ("m4", "m7") and k.name not in _OTHERS
]


def _rows(op: str, form: Mapping[str, Any], length: int) -> Case:
    shape = (1, 1, 1, 1, 2, length)
    rng = np.random.default_rng(length)
    names = "xy" if op == "copy_s8" else "aby"
    operands = [
        Operand(shape, (0, 0, 0, 0, length + gap, 1), 0, 2 * length + gap)
        for gap, _ in enumerate(names)
    ]
    strides = {f"{n}_stride": list(o.strides) for n, o in zip(names, operands, strict=True)}
    *inputs, y = operands
    values = tuple(rng.integers(-128, 128, size=x.size, dtype=np.int8) for x in inputs)
    misalign = tuple(int(m) for m in rng.integers(0, 4, size=len(names)))
    params = {**form, **strides, "extent": list(shape)}
    return Case(op, params, tuple(inputs), values, y, misalign)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
def test_every_length(
    library: ctypes.CDLL, targets: Targets, toolchain: str, kernel: Kernel
) -> None:
    target = targets.of(board_of(kernel), toolchain)
    for form in _FORMS[kernel.op]:
        for length in _LENGTHS:
            case = _rows(kernel.op, form, length)
            assert kernel.accepts(planned(case))
            expected = execute(library, _PORTABLE[kernel.op], case)
            np.testing.assert_array_equal(target.execute(kernel, case), expected)
