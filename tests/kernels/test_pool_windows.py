"""Windows of two by two and three by three, which the cores' pooling has schedules of."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from kernel_cases import sized_case
from kernel_runs import execute, planned

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case

_OPS = ("avgpool2d_s8", "maxpool2d_s8")
_KERNELS = [k for k in all_kernels() if k.op in _OPS and k.isa in ("m4", "m7")]
_REFERENCES = {k.op: k for k in all_kernels() if k.op in _OPS and k.isa == "ref"}
_WINDOWS = [(2, 2), (3, 3), (2, 3), (4, 3), (1, 5)]


def _scaled(case: Case, real: float) -> Case:
    """The case of means times `real`, with a multiplier of 2^shift for one cell where it is 1."""
    g = case.params["window"]
    counts = np.arange(1, g["kernel_h"] * g["kernel_w"] + 1)
    multiplier = np.floor(real / counts * 2.0**30 + 0.5).astype(np.int32)
    return replace(case, params={**case.params, "multiplier": multiplier, "shift": 30})


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("window", _WINDOWS, ids=lambda window: f"{window[0]}x{window[1]}")
def test_small_windows_equal_the_portable_kernel(
    library: ctypes.CDLL, kernel: Kernel, window: tuple[int, int]
) -> None:
    """Borders clip windows to others; leftovers of eight and of four channels overlap."""
    taken = 0
    for seed in range(60):
        channels = (4, 5, 7, 8, 9, 12, 15, 16, 22, 31)[seed % 10]
        case = sized_case(kernel.op, (channels, *window, 6, 7, 1 + seed % 2), seed)
        if not kernel.accepts(planned(case)) or case.params["window"]["y_stride"][1] != 1:
            continue
        taken += 1
        cases = [case]
        if kernel.op == "avgpool2d_s8":
            # The multiplier of two cells is the least that is too large to be moved up.
            cases += [_scaled(case, 1.0), _scaled(case, 1.999)]
        for at in cases:
            expected = execute(library, _REFERENCES[kernel.op], at)
            np.testing.assert_array_equal(execute(library, kernel, at), expected)
    assert taken >= 8


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("code", [-128, 127])
def test_means_of_extremes_saturate(library: ctypes.CDLL, kernel: Kernel, code: int) -> None:
    """All codes at one end, the zero points at the other."""
    for window in _WINDOWS:
        for seed in range(12):
            case = sized_case(kernel.op, (13, *window, 5, 5, 1), seed)
            if not kernel.accepts(planned(case)):
                continue
            values = (np.full_like(case.values[0], code),)
            params = dict(case.params)
            if kernel.op == "avgpool2d_s8":
                params |= {"x_zero_point": -1 - code, "zero_point": code}
            at = replace(case, values=values, params=params)
            expected = execute(library, _REFERENCES[kernel.op], at)
            np.testing.assert_array_equal(execute(library, kernel, at), expected)
